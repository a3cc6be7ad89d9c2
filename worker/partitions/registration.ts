import { failure, log } from '../base/log'
import { type Bindings, objectsOf } from '../config/deployment'
import type { Head } from '../profiles/batching'
import { link } from './directory/link-shards'
import { directoryShard } from './directory/shards'

/** Whether the directory does not know all of a profile that it should. */
export const isOwing = ({ registered, unlinked }: Head): boolean =>
  !registered || unlinked !== undefined

/**
 * Tells the directory that there is a profile, and by which identities it is found. The head notes
 * what was told in memory and stores it with the next row that is written anyway: telling it twice
 * is harmless, and what could not be told, each upload and alarm tries again.
 */
export class Registration {
  /** The one under way. */
  running: Promise<void> | undefined

  constructor(
    private readonly env: Bindings,
    private readonly head: () => Head | undefined
  ) {}

  begin(): Promise<void> {
    this.running ??= this.#run().finally(() => {
      this.running = undefined
    })
    return this.running
  }

  async #run(): Promise<void> {
    try {
      for (let head = this.head(); head && isOwing(head); head = this.head()) await this.#tell(head)
    } catch (error) {
      log('warn', 'A profile could not be registered; its next upload tries again.', failure(error))
    }
  }

  async #tell({ mpid, epoch, registered, unlinked = [] }: Head): Promise<void> {
    if (!registered) {
      await objectsOf(this.env).DIRECTORY.getByName(directoryShard(mpid)).add(mpid)
    }
    await link(this.env, unlinked, mpid)
    // Uploads that came in meanwhile have replaced it.
    const head = this.head()
    if (head?.epoch !== epoch) return
    head.registered = true
    const rest = head.unlinked?.filter((hash) => !unlinked.includes(hash)) ?? []
    if (rest.length > 0) head.unlinked = rest
    else delete head.unlinked
  }
}
