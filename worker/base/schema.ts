/** Turns storage of one version into that of the next. What was released never changes. */
export type Step = (sql: SqlStorage) => void

const isMarked = (sql: SqlStorage): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema'").toArray()
    .length > 0

const storedVersion = (sql: SqlStorage): number => {
  if (!isMarked(sql)) return 0
  return sql.exec<{ version: number }>('SELECT version FROM schema').one().version
}

/**
 * Brings an object's tables to the newest version: the number of its steps.
 *
 * Version 1 has no mark, since rows are what storage costs, and objects were stored before there were
 * versions: the first step must leave alone what is there. From version 2 on it is stored: `schema`
 * (version). Steps only add, so that the release before can go on with what the next one has left,
 * while both run or when somebody goes back.
 */
export const migrate = (storage: DurableObjectStorage, steps: readonly Step[]): void => {
  const { sql } = storage
  const version = storedVersion(sql)
  if (version >= steps.length) return
  storage.transactionSync(() => {
    for (const step of steps.slice(version)) step(sql)
    if (steps.length === 1) return
    sql.exec('CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)')
    sql.exec('DELETE FROM schema')
    sql.exec('INSERT INTO schema VALUES (?)', steps.length)
  })
}
