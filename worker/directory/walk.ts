import { type Bindings, objectsOf } from '../config/deployment'
import type { Snapshot } from '../config/snapshot'
import { fnv1a64Hex } from '../hash'
import { failure, log } from '../log'

/** How far a walk over the profiles of a shard is. */
export interface WalkProgress {
  /** Whether there is more to do. */
  walking: boolean
  profiles_done: number
}

const pageSize = 100
const parallel = 10

interface WalkRow extends Record<string, SqlStorageValue> {
  rules: string
  cursor: string
  done: number
  walking: number
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

/**
 * The walk that lets every profile of a shard meet new rules and connections, so that those which
 * nothing wakes are woken by time, and existing members are told where they are wanted. It goes on
 * after a restart; a profile that is met twice does nothing.
 *
 * Stored: `walk` (one row: the rules it is for, the last mpid that was met, how many were).
 */
export class Walk {
  constructor(private readonly sql: SqlStorage) {
    sql.exec(
      'CREATE TABLE IF NOT EXISTS walk (id INTEGER PRIMARY KEY, rules TEXT, cursor TEXT, done INTEGER, walking INTEGER)'
    )
  }

  #row(): WalkRow | undefined {
    const [row] = this.sql
      .exec<WalkRow>('SELECT rules, cursor, done, walking FROM walk WHERE id = 1')
      .toArray()
    return row
  }

  progress(): WalkProgress {
    const row = this.#row()
    return { walking: row?.walking === 1, profiles_done: row?.done ?? 0 }
  }

  /** Begins anew when the rules are others than those of the last walk. @returns whether it did */
  begin(rules: string): boolean {
    if ((this.#row()?.rules ?? '') === rules) return false
    const walking = rules === '' ? 0 : 1
    this.sql.exec("INSERT OR REPLACE INTO walk VALUES (1, ?, '', 0, ?)", rules, walking)
    return true
  }

  /** Lets a page of profiles meet the rules. @returns whether there is more */
  async step(
    env: Bindings,
    version: number,
    page: (after: string, limit: number) => string[]
  ): Promise<boolean> {
    const row = this.#row()
    if (!row || row.walking === 0) return false
    const mpids = page(row.cursor, pageSize)
    for (let i = 0; i < mpids.length; i += parallel) {
      await Promise.all(mpids.slice(i, i + parallel).map((mpid) => meet(env, mpid, version)))
    }
    const isMore = mpids.length === pageSize
    this.sql.exec(
      'UPDATE walk SET cursor = ?, done = done + ?, walking = ? WHERE id = 1 AND rules = ?',
      mpids.at(-1) ?? row.cursor,
      mpids.length,
      isMore ? 1 : 0,
      row.rules
    )
    return isMore
  }
}

const meet = async (env: Bindings, mpid: string, version: number): Promise<void> => {
  try {
    await objectsOf(env).PROFILE.getByName(mpid).meet(version)
  } catch (error) {
    log('warn', 'A profile did not answer the walk, which will try again.', failure(error))
    throw error
  }
}
