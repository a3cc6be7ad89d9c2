import type { Step } from '../base/schema'

/**
 * A profile's table; `ProfileStore` says what it holds. A mark of a second version would cost each
 * profile three rows: together with the second step, let `migrate` keep it in a column of the row that
 * is written anyway, and that goes when the profile does.
 */
export const profileSteps: readonly Step[] = [
  (sql) =>
    sql.exec(`
      CREATE TABLE IF NOT EXISTS profile (
        id INTEGER PRIMARY KEY, head TEXT, state TEXT, recent TEXT NOT NULL DEFAULT '',
        first_seq INTEGER, last_seq INTEGER, last_ms INTEGER, body TEXT NOT NULL DEFAULT '')
    `),
]
