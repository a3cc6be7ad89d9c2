import { type Bindings, objectsOf } from '../config/deployment'
import { directoryShard } from '../directory/directory'
import { failure, log } from '../log'

/** Tells the directory that there is a profile. */
export class Registration {
  /** The one under way. */
  running: Promise<void> | undefined

  constructor(private readonly env: Bindings) {}

  /** @param done called once the directory knows; until then, each upload tries */
  begin(mpid: string, done: () => void): Promise<void> {
    this.running ??= this.#register(mpid, done).finally(() => {
      this.running = undefined
    })
    return this.running
  }

  async #register(mpid: string, done: () => void): Promise<void> {
    try {
      await objectsOf(this.env).DIRECTORY.getByName(directoryShard(mpid)).add(mpid)
      done()
    } catch (error) {
      log('warn', 'A profile could not be registered; its next upload tries again.', failure(error))
    }
  }
}
