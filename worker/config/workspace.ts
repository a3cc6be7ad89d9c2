import { DurableObject } from 'cloudflare:workers'
import type { Problem } from '../base/problem'
import { migrate, type Step } from '../base/schema'
import type { Bindings } from './deployment'
import type { Watched } from './watched'
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

/** Who made a version, and what for. Empty where it was not said. */
export interface Authorship {
  by: string
  note: string
}

/** A version that is kept. */
export interface KeptVersion extends WorkspaceText, Authorship {
  at_ms: number
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
  // Who stored earlier versions is not known.
  (sql) =>
    sql.exec(`
      ALTER TABLE versions ADD COLUMN "by" TEXT NOT NULL DEFAULT '';
      ALTER TABLE versions ADD COLUMN note TEXT NOT NULL DEFAULT '';
    `),
]

const listedColumns = 'version, at_ms, "by", note, file'

type VersionRow = KeptVersion & Record<string, SqlStorageValue>

/**
 * The one configuration of a deployment.
 *
 * Stored: `versions` (version, at_ms, by, note, the workspace file as JSON with sealed secrets; the
 * newest is in force, earlier ones serve events that came in under them, and people), `rejected` (the
 * newest rejected events), `counts` (name, value).
 */
export class Workspace extends DurableObject<Bindings> {
  readonly #sql: SqlStorage
  // In memory only: whoever watches says so again and again.
  #watched: Watched | undefined

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    migrate(ctx.storage, steps)
  }

  /** The newest version, and who watches events come in, which costs nobody a request of its own. */
  current(): WorkspaceText & { watched?: Watched } {
    const watched = this.#watched
    const isWatched = watched && watched.until_ms > Date.now()
    return { ...this.#newest(), ...(isWatched ? { watched } : {}) }
  }

  /** Takes who watches from now on. */
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

  /** An earlier version, or the current one when it is no longer kept. */
  at(version: number): WorkspaceText {
    if (version === 0) return initial
    const [row] = this.#sql
      .exec<{ file: string }>('SELECT file FROM versions WHERE version = ?', version)
      .toArray()
    return row ? { version, file: row.file } : this.#newest()
  }

  /** A version, if it is still kept. */
  kept(version: number): KeptVersion | undefined {
    return this.#sql
      .exec<VersionRow>(`SELECT ${listedColumns} FROM versions WHERE version = ?`, version)
      .toArray()[0]
  }

  /**
   * Those before the version `before`, newest first: at most `limit`, and no more than some 4 MB, but
   * two at least, so that each can be compared with the one before it.
   */
  history(limit: number, before = Number.MAX_SAFE_INTEGER): KeptVersion[] {
    const found: KeptVersion[] = []
    let chars = 0
    const rows = this.#sql.exec<VersionRow>(
      `SELECT ${listedColumns} FROM versions WHERE version < ? ORDER BY version DESC LIMIT ?`,
      before,
      limit
    )
    for (const row of rows) {
      chars += row.file.length
      if (found.length > 1 && chars > listedChars) break
      found.push(row)
    }
    return found
  }

  /**
   * Stores a checked file whose secrets are sealed, unless somebody else stored another version
   * since the caller read `expected`; then it returns undefined, else the new version.
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
      for (const input of new Set(rejected.map((one) => one.input))) {
        this.#forget('input = ?1', input === '' ? keptUnknown : keptOfInput, input)
      }
      this.#forget('input <> ?1', keptRejected, '')
      this.#sql.exec(
        `INSERT INTO counts (name, value) VALUES ('rejected', ?)
         ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
        count
      )
    })
  }

  #forget(which: 'input = ?1' | 'input <> ?1', kept: number, input: string): void {
    this.#sql.exec(
      `DELETE FROM rejected WHERE ${which} AND id <= (
         SELECT id FROM rejected WHERE ${which} ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
      input,
      kept
    )
  }

  /**
   * Newest first, before the id `before` when it is given.
   *
   * @param input only of this input; '' for those of none
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
