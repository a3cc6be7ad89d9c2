import type { Step } from '../../base/schema'

/** What a shard's tables hold, their classes say. */
export const directorySteps: readonly Step[] = [
  (sql) =>
    sql.exec(`
      CREATE TABLE IF NOT EXISTS profiles (
        mpid TEXT PRIMARY KEY, check_ms INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS members (
        audience TEXT, mpid TEXT, PRIMARY KEY (audience, mpid)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS changes (
        audience TEXT, at_ms INTEGER, mpid TEXT, event TEXT,
        PRIMARY KEY (audience, at_ms, mpid, event)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS links (
        hash TEXT, mpid TEXT, PRIMARY KEY (hash, mpid)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS walk (
        id INTEGER PRIMARY KEY, rules TEXT, cursor TEXT, done INTEGER, walking INTEGER,
        again_ms INTEGER);
    `),
]
