import { fnv1a64Hex } from '../../base/hash'
import { failure, log } from '../../base/log'
import { type Bindings, objectsOf } from '../../config/deployment'
import type { Snapshot } from '../../config/snapshot'

/** How far a walk over the profiles of a shard is. */
export interface WalkProgress {
  /** Whether there is more to do. */
  walking: boolean
  profiles_done: number
}

const pageSize = 100
const parallel = 10

// For so long other isolates may go by earlier rules, so that who came in meanwhile is met again.
const staleMs = 70_000

interface WalkRow extends Record<string, SqlStorageValue> {
  rules: string
  cursor: string
  done: number
  walking: number
  again_ms: number
}

/** What a walk is for: another one begins when it changes. Empty when there are no audiences. */
export const rulesHash = ({ audiences, audienceConnections }: Snapshot): string =>
  audiences.audiences.length === 0
    ? ''
    : fnv1a64Hex(
        JSON.stringify([
          audiences.audiences.map(({ id, hash }) => [id, hash]),
          audienceConnections.map((one) => [one.id, one.audiences, one.settings.existing_users]),
        ])
      )

interface Directory {
  /** The mpids after `after`, in order. */
  page: (after: string, limit: number) => string[]
  /** Told of the audiences that a profile is in. */
  met: (mpid: string, audiences: string[]) => void
}

/**
 * The walk that lets every profile of a shard meet new rules and connections, so that those which
 * nothing wakes are woken by time, and existing members are told where they are wanted. It goes on
 * after a restart; a profile that is met twice does nothing.
 *
 * Stored: `walk` (one row: the rules it is for, the last mpid that was met, how many were, when to
 * walk once more).
 */
export class Walk {
  constructor(private readonly sql: SqlStorage) {}

  #row(): WalkRow | undefined {
    const [row] = this.sql
      .exec<WalkRow>('SELECT rules, cursor, done, walking, again_ms FROM walk WHERE id = 1')
      .toArray()
    return row
  }

  progress(): WalkProgress {
    const row = this.#row()
    return { walking: row?.walking === 1, profiles_done: row?.done ?? 0 }
  }

  /** Begins anew when the rules are others than those of the last walk. @returns whether it did */
  begin(rules: string, nowMs: number): boolean {
    if ((this.#row()?.rules ?? '') === rules) return false
    const again = nowMs + staleMs
    this.sql.exec("INSERT OR REPLACE INTO walk VALUES (1, ?, '', 0, 1, ?)", rules, again)
    return true
  }

  /** When to walk once more, ms; undefined when that is done or under way. */
  againMs(): number | undefined {
    const row = this.#row()
    return row && row.walking === 0 && row.again_ms > 0 ? row.again_ms : undefined
  }

  /** Walks once more when that is due. */
  beginAgain(nowMs: number): void {
    if ((this.againMs() ?? Number.POSITIVE_INFINITY) > nowMs) return
    this.sql.exec("UPDATE walk SET cursor = '', done = 0, walking = 1, again_ms = 0 WHERE id = 1")
  }

  /** Lets a page of profiles meet the rules. @returns whether there is more */
  async step(env: Bindings, version: number, { page, met }: Directory): Promise<boolean> {
    const row = this.#row()
    if (!row || row.walking === 0) return false
    const mpids = page(row.cursor, pageSize)
    for (let i = 0; i < mpids.length; i += parallel) {
      await Promise.all(
        mpids.slice(i, i + parallel).map(async (mpid) => met(mpid, await meet(env, mpid, version)))
      )
    }
    const isMore = mpids.length === pageSize
    this.sql.exec(
      'UPDATE walk SET cursor = ?, done = done + ?, walking = ? WHERE id = 1 AND rules = ?',
      mpids.at(-1) ?? row.cursor,
      mpids.length,
      isMore ? 1 : 0,
      row.rules
    )
    // Other rules may have come meanwhile, for which it begins anew.
    return this.progress().walking
  }
}

const meet = async (env: Bindings, mpid: string, version: number): Promise<string[]> => {
  try {
    return await objectsOf(env).PROFILE.getByName(mpid).meet(version)
  } catch (error) {
    log('warn', 'A profile did not answer the walk, which will try again.', failure(error))
    throw error
  }
}
