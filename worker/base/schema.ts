/** Migrates tables from one version to the next. A released step never changes. */
export type Step = (sql: SqlStorage) => void

const hasVersion = (sql: SqlStorage): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema'").toArray()
    .length > 0

const storedVersion = (sql: SqlStorage): number => {
  if (!hasVersion(sql)) return 0
  return sql.exec<{ version: number }>('SELECT version FROM schema').one().version
}

/**
 * Migrates an object's tables to the newest version, which is the number of steps.
 *
 * Version 1 is not stored, since each row costs: the first step runs each time and must leave
 * existing tables alone. From version 2 on, the version is in `schema` (version). Steps only add,
 * so that the release before can use the tables as well, during a deployment and after a rollback.
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
