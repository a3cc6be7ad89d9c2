import type { Step } from '../../base/schema'

/** The tables that are listed in `outbox.ts`. `Subscriptions` creates its own when it needs it. */
export const outboxSteps: readonly Step[] = [
  (sql) =>
    sql.exec(`
      CREATE TABLE IF NOT EXISTS meta (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, totals TEXT NOT NULL, health TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS segments (
        seq INTEGER PRIMARY KEY, lane TEXT NOT NULL, opened_ms INTEGER NOT NULL, ids TEXT NOT NULL,
        accepted INTEGER NOT NULL, filtered TEXT NOT NULL, deliveries INTEGER NOT NULL,
        events INTEGER NOT NULL, bytes INTEGER NOT NULL, body TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS files (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, segments TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS dead (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, reason TEXT NOT NULL,
        lane TEXT NOT NULL, deliveries INTEGER NOT NULL, events INTEGER NOT NULL,
        body TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS taken (
        n INTEGER PRIMARY KEY, upto_ms INTEGER NOT NULL, ids TEXT NOT NULL);
    `),
]
