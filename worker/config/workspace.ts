import { DurableObject } from 'cloudflare:workers'
import type { Problem } from '../base/problem'
import { migrate, type Step } from '../base/schema'
import type { Bindings } from './deployment'
import type { Watched } from './watched'
import { emptyWorkspace } from './workspace-file'

/** An inbound event or body that could not be parsed. */
export interface Rejected {
  at_ms: number
  /** Empty when the credentials matched no input. */
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

/** Who stored a version, and why. Empty where not given. */
export interface Authorship {
  by: string
  note: string
}

/** A retained version. */
export interface KeptVersion extends WorkspaceText, Authorship {
  at_ms: number
}

export interface RejectedPage {
  /** How many were ever rejected, including those that were deleted. */
  count: number
  rejected: (Rejected & { id: number })[]
}

// Longer than any event waits: events use the version under which they were received.
const keptVersionsMs = 60 * 86_400_000
const keptVersions = 50
const keptRejected = 500
const keptOfInput = 200
const keptUnknown = 50
const listedChars = 4_000_000

const steps: Step[] = [
  (sql) =>
    sql.exec(`
      CREATE TABLE IF NOT EXISTS versions (
        version INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, file TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS rejected (
        id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, input TEXT NOT NULL,
        problems TEXT NOT NULL, payload TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    `),
  (sql) =>
    sql.exec(`
      ALTER TABLE versions ADD COLUMN "by" TEXT NOT NULL DEFAULT '';
      ALTER TABLE versions ADD COLUMN note TEXT NOT NULL DEFAULT '';
    `),
]

const listedColumns = 'version, at_ms, "by", note, file'

type VersionRow = KeptVersion & Record<string, SqlStorageValue>

/**
 * The configuration of a deployment; there is one object of this class.
 *
 * Tables:
 * - `versions` (version, at_ms, by, note, file): workspace files as JSON with sealed secrets. The
 *   newest is in force; earlier ones are retained for events that were received under them, and for
 *   the console's history.
 * - `rejected`: the newest rejected events.
 * - `counts` (name, value).
 */
export class Workspace extends DurableObject<Bindings> {
  readonly #sql: SqlStorage
  // In memory only: open live views renew it periodically.
  #watched: Watched | undefined

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    migrate(ctx.storage, steps)
  }

  /** The newest version, with the open live views, so that isolates need no request for these. */
  current(): WorkspaceText & { watched?: Watched } {
    const watched = this.#watched
    const isWatched = watched && watched.until_ms > Date.now()
    return { ...this.#newest(), ...(isWatched ? { watched } : {}) }
  }

  /** Replaces the open live views. */
  watch(watched: Watched): void {
    this.#watched = watched
  }

  #newest(): WorkspaceText {
    const [row] = this.#sql
      .exec<{ version: number; file: string }>(
        'SELECT version, file FROM versions ORDER BY version DESC LIMIT 1'
      )
      .toArray()
    return row ?? initial
  }

  /** A version; the current one if it was deleted. */
  at(version: number): WorkspaceText {
    if (version === 0) return initial
    const [row] = this.#sql
      .exec<{ file: string }>('SELECT file FROM versions WHERE version = ?', version)
      .toArray()
    return row ? { version, file: row.file } : this.#newest()
  }

  /** A version; undefined if it was deleted. */
  kept(version: number): KeptVersion | undefined {
    return this.#sql
      .exec<VersionRow>(`SELECT ${listedColumns} FROM versions WHERE version = ?`, version)
      .toArray()[0]
  }

  /**
   * The versions before `before`, newest first: at most `limit` and about 4 MB, but at least two,
   * so that the newest can be compared with the one before it.
   */
  history(limit: number, before = Number.MAX_SAFE_INTEGER): KeptVersion[] {
    const versions: KeptVersion[] = []
    let chars = 0
    const rows = this.#sql.exec<VersionRow>(
      `SELECT ${listedColumns} FROM versions WHERE version < ? ORDER BY version DESC LIMIT ?`,
      before,
      limit
    )
    for (const row of rows) {
      chars += row.file.length
      if (versions.length > 1 && chars > listedChars) break
      versions.push(row)
    }
    return versions
  }

  /**
   * Stores a checked file whose secrets are sealed.
   *
   * @param expected the version that the caller read
   * @returns the new version; undefined when the stored version is no longer `expected`
   */
  store(file: string, expected: number, { by, note }: Authorship): number | undefined {
    const { version } = this.#newest()
    if (version !== expected) return undefined
    const next = version + 1
    const now = Date.now()
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec(
        'INSERT INTO versions (version, at_ms, file, "by", note) VALUES (?, ?, ?, ?, ?)',
        next,
        now,
        file,
        by,
        note
      )
      this.#sql.exec(
        'DELETE FROM versions WHERE version <= ? AND at_ms < ?',
        next - keptVersions,
        now - keptVersionsMs
      )
    })
    return next
  }

  /** Stores rejected events, and deletes the oldest. `count` may be more than are passed. */
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
      for (const input of new Set(rejected.map(({ input }) => input))) {
        this.#deleteOldest('input = ?1', input === '' ? keptUnknown : keptOfInput, input)
      }
      this.#deleteOldest('input <> ?1', keptRejected, '')
      this.#sql.exec(
        `INSERT INTO counts (name, value) VALUES ('rejected', ?)
         ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
        count
      )
    })
  }

  #deleteOldest(which: 'input = ?1' | 'input <> ?1', kept: number, input: string): void {
    this.#sql.exec(
      `DELETE FROM rejected WHERE ${which} AND id <= (
         SELECT id FROM rejected WHERE ${which} ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
      input,
      kept
    )
  }

  /**
   * The rejected events before the id `before`, newest first.
   *
   * @param input only of this input; '' for those whose credentials matched no input
   */
  rejected(limit: number, before = Number.MAX_SAFE_INTEGER, input?: string): RejectedPage {
    const rows = this.#sql
      .exec<{ id: number; at_ms: number; input: string; problems: string; payload: string }>(
        'SELECT * FROM rejected WHERE id < ? AND input = IFNULL(?, input) ORDER BY id DESC LIMIT ?',
        before,
        input ?? null,
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
