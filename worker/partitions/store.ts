import { parseJson, stringifyJson } from '../base/json'
import { migrate } from '../base/schema'
import { emptyState, type ProfileState } from '../profiles/attributes'
import { covers, type Head, oldestNeeded } from '../profiles/batching'
import { type Entry, type EntryFacts, readEntries, writeEntry } from '../profiles/entry'
import type { Remains } from './remains'
import { profileSteps } from './schema'

// SQLite rewrites a row that grows, so a row that is full is set aside.
const rowChars = 48 * 1024
const recentChars = 8 * 1024
// Together with what is known of a user, more might not fit the 2 MB of a row.
const largeChars = 256 * 1024
const keptMarksMs = 30 * 86_400_000
// Bounds what remembering costs a profile that never rests: some 200,000 request ids.
const keptMarkRows = 500

const append =
  'UPDATE profile SET head = ?, recent = recent || ?, first_seq = ?, body = body || ? WHERE id = 1'
const appendWithState = append.replace(' WHERE', ', state = ? WHERE')

// The line break keeps a search from matching across two of them.
const markOf = (request: string): string => `\n${request}`

export interface ErasedProfile extends Remains {
  /** Whether there was one. */
  profile: boolean
  /** Uploads that not all connections had. */
  uploads: number
  /** When it was erased, by its own clock, ms. */
  at_ms: number
}

/** A profile that begins. */
export const newHead = (mpid: string, now: number): Head => ({
  mpid,
  epoch: crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36) ?? '0',
  next_seq: 0,
  next_window: 0,
  windows: [],
  registered: false,
  last_ms: 0,
  created_ms: now,
})

/**
 * A profile's rows. All lies in one table, and what an upload changes in one row of it, since rows
 * written are what storage costs.
 *
 * `profile`: row 1 is the live one: `head` (JSON: windows, counters), `state` (JSON: attributes,
 * identities, consent), `recent` (request ids seen: hashes, each behind a line break),
 * `body` (entries waiting). Further rows are what grew out of it: bodies with the entries
 * `first_seq` to `last_seq`, and recent marks up to the time `last_ms`. `remains`: see `Remains`.
 */
export class ProfileStore {
  head: Head | undefined
  state: ProfileState = emptyState()
  readonly #sql: SqlStorage
  #recent = ''
  #bodyChars = 0
  #firstSeq = 0
  #hasRecentAside = false

  constructor(private readonly storage: DurableObjectStorage) {
    this.#sql = storage.sql
    this.#load()
  }

  #load(): void {
    // Looking a profile up must not bring it into being, so the table comes with the first upload.
    const tables = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'profile'").toArray()
    if (tables.length > 0) migrate(this.storage, profileSteps)
    const [row] = tables.length > 0 ? this.#readLive() : []
    this.head = row ? JSON.parse(row.head) : undefined
    // `append` wrote it in this shape; parseJson keeps the exact numbers among the attributes.
    this.state = row ? (parseJson(row.state) as unknown as ProfileState) : emptyState()
    this.#recent = row?.recent ?? ''
    this.#bodyChars = row?.chars ?? 0
    this.#firstSeq = row?.first_seq ?? 0
    this.#hasRecentAside =
      row !== undefined &&
      this.#sql.exec("SELECT 1 FROM profile WHERE id > 1 AND recent <> '' LIMIT 1").toArray()
        .length > 0
  }

  #readLive() {
    return this.#sql
      .exec<{ head: string; state: string; recent: string; first_seq: number; chars: number }>(
        'SELECT head, state, recent, first_seq, LENGTH(body) AS chars FROM profile WHERE id = 1'
      )
      .toArray()
  }

  /** Whether a request id was seen in the last 30 days. */
  hasSeen(request: string): boolean {
    const mark = markOf(request)
    if (this.#recent.includes(mark)) return true
    return (
      this.#hasRecentAside &&
      this.#sql
        .exec('SELECT 1 FROM profile WHERE id > 1 AND INSTR(recent, ?) > 0 LIMIT 1', mark)
        .toArray().length > 0
    )
  }

  /** Stores arrived entries with the head that follows from them. One row, most of the time. */
  append(
    head: Head,
    entries: Entry[],
    changes: { request?: string | undefined; state?: ProfileState }
  ): void {
    const needed = oldestNeeded(head)
    // An upload that no window covers changes the profile, but nobody will ask for its events.
    const kept = entries.filter((entry) => needed <= entry.seq)
    const all = kept.map(writeEntry).join('')
    const isLarge = all.length > largeChars
    const body = isLarge ? '' : all
    const mark = changes.request ? markOf(changes.request) : ''
    const isOneStatement =
      this.head && !isLarge && this.#bodyChars <= rowChars && this.#recent.length <= recentChars
    const write = () => {
      if (!this.head) this.#create(head, { mark, body, state: changes.state ?? this.state })
      else this.#update(head, entries[0], { mark, body, ...changes })
      if (isLarge) this.#addAside(kept)
    }
    try {
      if (isOneStatement) write()
      else this.storage.transactionSync(write)
    } catch (error) {
      this.#load()
      throw error
    }
    this.head = head
    this.#recent += mark
    this.#bodyChars += body.length
    if (changes.state) this.state = changes.state
  }

  #create(head: Head, row: { mark: string; body: string; state: ProfileState }): void {
    migrate(this.storage, profileSteps)
    this.#sql.exec(
      'INSERT INTO profile (id, head, state, recent, first_seq, body) VALUES (1, ?, ?, ?, ?, ?)',
      JSON.stringify(head),
      stringifyJson(row.state),
      row.mark,
      0,
      row.body
    )
    this.#firstSeq = 0
  }

  #update(
    head: Head,
    first: Entry | undefined,
    row: { mark: string; body: string; state?: ProfileState }
  ): void {
    const seq = first?.seq ?? head.next_seq
    if (this.#bodyChars > rowChars) this.#setBodyAside(seq - 1)
    if (this.#recent.length > recentChars) this.#setRecentAside(head.last_ms)
    if (this.#bodyChars === 0) this.#firstSeq = seq
    const { state, mark, body } = row
    const values = [JSON.stringify(head), mark, this.#firstSeq, body]
    if (state) this.#sql.exec(appendWithState, ...values, stringifyJson(state))
    else this.#sql.exec(append, ...values)
  }

  /** The wanted entries from one sequence number to another, oldest first. */
  entries(from: number, upto: number, isWanted: (facts: EntryFacts) => boolean): Entry[] {
    const found: Entry[] = []
    // Row by row, since what is not wanted may be much.
    const rows = this.#sql.exec<{ body: string }>(
      `SELECT body FROM profile WHERE id > 1 AND body <> '' AND last_seq >= ? AND first_seq <= ?
       ORDER BY first_seq`,
      from,
      upto
    )
    for (const { body } of rows) found.push(...readEntries(body, isWanted))
    if (this.#bodyChars === 0 || this.#firstSeq > upto) return found
    const [live] = this.#sql
      .exec<{ body: string }>('SELECT body FROM profile WHERE id = 1')
      .toArray()
    return [...found, ...readEntries(live?.body ?? '', isWanted)]
  }

  /** How many uploads wait for some connection. */
  waitingUploads(): number {
    if (!this.head) return 0
    const { windows, next_seq } = this.head
    let count = 0
    this.entries(0, next_seq, (facts) => {
      if (facts.kind !== 'trigger' && windows.some((window) => covers(window, facts))) count++
      return false
    })
    return count
  }

  /** Of the newest entries, those that wait for some connection, oldest first. */
  newest(count: number): Entry[] {
    if (!this.head) return []
    const { windows, next_seq } = this.head
    return this.entries(next_seq - count, next_seq, (facts) =>
      windows.some((window) => covers(window, facts))
    )
  }

  /** Stores a head, and drops the entries before `needed`, by whole rows. */
  save(head: Head, needed: number): void {
    const isLiveFree = this.#bodyChars > 0 && needed >= head.next_seq
    this.storage.transactionSync(() => {
      this.#sql.exec(
        `UPDATE profile SET head = ? ${isLiveFree ? ", body = ''" : ''} WHERE id = 1`,
        JSON.stringify(head)
      )
      this.#sql.exec("DELETE FROM profile WHERE id > 1 AND body <> '' AND last_seq < ?", needed)
    })
    this.head = head
    if (isLiveFree) this.#bodyChars = 0
  }

  // Behind what waits in the live row, which goes aside before them.
  #addAside(entries: Entry[]): void {
    const [first] = entries
    if (first && this.#bodyChars > 0) this.#setBodyAside(first.seq - 1)
    for (const entry of entries) {
      this.#sql.exec(
        'INSERT INTO profile (first_seq, last_seq, body) VALUES (?, ?, ?)',
        entry.seq,
        entry.seq,
        writeEntry(entry)
      )
    }
  }

  #setBodyAside(lastSeq: number): void {
    this.#sql.exec(
      `INSERT INTO profile (first_seq, last_seq, body)
       SELECT first_seq, ?, body FROM profile WHERE id = 1`,
      lastSeq
    )
    this.#sql.exec("UPDATE profile SET body = '' WHERE id = 1")
    this.#bodyChars = 0
  }

  #setRecentAside(nowMs: number): void {
    this.#sql.exec('INSERT INTO profile (recent, last_ms) VALUES (?, ?)', this.#recent, nowMs)
    this.#sql.exec("UPDATE profile SET recent = '' WHERE id = 1")
    this.#sql.exec(
      `DELETE FROM profile WHERE id > 1 AND recent <> '' AND (last_ms < ? OR id IN (
         SELECT id FROM profile WHERE id > 1 AND recent <> '' ORDER BY id DESC LIMIT -1 OFFSET ?))`,
      nowMs - keptMarksMs,
      keptMarkRows
    )
    this.#recent = ''
    this.#hasRecentAside = true
  }
}
