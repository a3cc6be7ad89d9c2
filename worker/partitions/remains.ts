import type { ProfileState } from '../profiles/attributes'

/**
 * What an erasure needs of a profile until all of it is done: other places hold what is found by
 * this only, and whoever repeats an erasure that failed in the middle must find it, too.
 */
export interface Remains {
  /** By type; one record for each life of the profile. */
  identities: Record<string, string>[]
  /** As in `ProfileState`. */
  links: string[]
}

const table = 'SELECT 1 FROM sqlite_master WHERE name = ?'

/** Empty when there are none. */
export const readRemains = (sql: SqlStorage): Remains => {
  const isThere = sql.exec(table, 'remains').toArray().length > 0
  const [row] = isThere
    ? sql.exec<{ text: string }>('SELECT text FROM remains WHERE id = 1').toArray()
    : []
  return row ? JSON.parse(row.text) : { identities: [], links: [] }
}

const joined = (earlier: Remains, { identities, links = [] }: ProfileState): Remains => {
  const told = Object.entries(identities).map(([type, { identity }]) => [type, identity])
  return {
    identities: [...earlier.identities, ...(told.length > 0 ? [Object.fromEntries(told)] : [])],
    links: [...new Set([...earlier.links, ...links])],
  }
}

/** Deletes a profile but for its remains, which join those of an erasure that did not end. */
export const leaveRemains = (storage: DurableObjectStorage, state: ProfileState): Remains =>
  storage.transactionSync(() => {
    const { sql } = storage
    const remains = joined(readRemains(sql), state)
    sql.exec('DROP TABLE IF EXISTS profile')
    sql.exec('CREATE TABLE IF NOT EXISTS remains (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
    sql.exec('INSERT OR REPLACE INTO remains VALUES (1, ?)', JSON.stringify(remains))
    return remains
  })

export const dropRemains = (sql: SqlStorage): void => {
  sql.exec('DROP TABLE IF EXISTS remains')
}
