import { DurableObject } from 'cloudflare:workers'
import type { Problem } from '../problem'
import type { Bindings } from './deployment'
import { emptyWorkspace } from './workspace-file'

/** An inbound event or body that could not be understood. */
export interface Rejected {
  at_ms: number
  /** Empty when its credentials were no input's. */
  input: string
  problems: Problem[]
  /** The beginning of what was sent. */
  payload: string
}

/** A version of the workspace file, as JSON text. */
export interface WorkspaceText {
  version: number
  file: string
}

export interface RejectedPage {
  /** All that were ever rejected, also those no longer kept. */
  count: number
  rejected: (Rejected & { id: number })[]
}

// Longer than events wait for anything: they are judged by the version under which they came in.
const keptVersionsMs = 60 * 86_400_000
const keptVersions = 50
const keptRejected = 500
const keptUnknown = 50

/**
 * The one configuration of a deployment.
 *
 * Stored: `versions` (version, at_ms, the workspace file as JSON with sealed secrets; the newest is
 * in force, earlier ones serve events that came in under them), `rejected` (the newest rejected
 * events), `counts` (name, value).
 */
export class Workspace extends DurableObject<Bindings> {
  readonly #sql: SqlStorage

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS versions (
        version INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, file TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS rejected (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, input TEXT NOT NULL,
        problems TEXT NOT NULL, payload TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    `)
  }

  current(): WorkspaceText {
    const [row] = this.#sql
      .exec<{ version: number; file: string }>(
        'SELECT version, file FROM versions ORDER BY version DESC LIMIT 1'
      )
      .toArray()
    return row ?? initial
  }

  /** An earlier version, or the current one when it is no longer kept. */
  at(version: number): WorkspaceText {
    if (version === 0) return initial
    const [row] = this.#sql
      .exec<{ file: string }>('SELECT file FROM versions WHERE version = ?', version)
      .toArray()
    return row ? { version, file: row.file } : this.current()
  }

  /**
   * Stores a checked file whose secrets are sealed, unless somebody else stored another version
   * since the caller read `expected`; then it returns undefined, else the new version.
   */
  store(file: string, expected: number): number | undefined {
    const { version } = this.current()
    if (version !== expected) return undefined
    const next = version + 1
    const now = Date.now()
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec(
        'INSERT INTO versions (version, at_ms, file) VALUES (?, ?, ?)',
        next,
        now,
        file
      )
      this.#sql.exec(
        'DELETE FROM versions WHERE version <= ? AND at_ms < ?',
        next - keptVersions,
        now - keptVersionsMs
      )
    })
    return next
  }

  /** Keeps the newest rejected events; `count` says how many there really were. */
  reject(rejected: Rejected[], count: number): void {
    this.ctx.storage.transactionSync(() => {
      for (const { at_ms, input, problems, payload } of rejected) {
        this.#sql.exec(
          'INSERT INTO rejected (at_ms, input, problems, payload) VALUES (?, ?, ?, ?)',
          at_ms,
          input,
          JSON.stringify(problems),
          payload
        )
      }
      this.#forget("input <> ''", keptRejected)
      this.#forget("input = ''", keptUnknown)
      this.#sql.exec(
        `INSERT INTO counts (name, value) VALUES ('rejected', ?)
         ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
        count
      )
    })
  }

  #forget(which: "input = ''" | "input <> ''", kept: number): void {
    this.#sql.exec(
      `DELETE FROM rejected WHERE ${which} AND id <= (
         SELECT id FROM rejected WHERE ${which} ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      kept
    )
  }

  /** Newest first, before the id `before` when it is given. */
  rejected(limit: number, before = Number.MAX_SAFE_INTEGER): RejectedPage {
    const rows = this.#sql
      .exec<{ id: number; at_ms: number; input: string; problems: string; payload: string }>(
        'SELECT * FROM rejected WHERE id < ? ORDER BY id DESC LIMIT ?',
        before,
        limit
      )
      .toArray()
    const [count] = this.#sql
      .exec<{ value: number }>("SELECT value FROM counts WHERE name = 'rejected'")
      .toArray()
    return {
      count: count?.value ?? 0,
      rejected: rows.map((row) => ({ ...row, problems: JSON.parse(row.problems) })),
    }
  }
}

const initial: WorkspaceText = { version: 0, file: JSON.stringify(emptyWorkspace()) }
