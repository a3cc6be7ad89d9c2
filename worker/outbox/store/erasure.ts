import { isQueueLane } from '../../delivery'
import type { DeadPart } from './dead-letters'
import type { ErasedUsers } from './erased-users'
import { type Owner, ownerOf, readMessages, storedLines, writeDelivery } from './message'
import type { OutboxStore } from './store'

/** How much was erased of one user. */
export interface ErasedDeliveries {
  deliveries: number
  dead_letters: number
}

type Stored = Pick<DeadPart, 'lane' | 'body' | 'deliveries' | 'events'>

/** Stored deliveries without those of some users; undefined when they have none there. */
export const withoutUsers = (
  { lane, body, deliveries, events }: Stored,
  mpids: Set<string>
): { left: Omit<Stored, 'lane'>; gone: Owner[] } | undefined => {
  const gone: Owner[] = []
  const stays = (owner: Owner | undefined): boolean => {
    const isGone = owner !== undefined && mpids.has(owner.mpid)
    if (isGone) gone.push(owner)
    return !isGone
  }
  const kept = isQueueLane(lane)
    ? readMessages(body)
        .filter(stays)
        .map((message) => writeDelivery(message))
    : storedLines(body)
        .filter((line) => stays(ownerOf(line)))
        .map((line) => `${line}\n`)
  if (gone.length === 0) return undefined
  const left = {
    body: kept.join(''),
    deliveries: deliveries - gone.length,
    events: events - sumOfEvents(gone),
  }
  return { left, gone }
}

const sumOfEvents = (owners: Owner[]): number => owners.reduce((sum, { events }) => sum + events, 0)

const pageSize = 50

/** A table that stores deliveries. */
interface Table {
  rows: 'segments' | 'dead'
  key: 'seq' | 'id'
  /** Deletes the users' deliveries from a row. @returns the deleted ones */
  cut: (id: number) => Owner[]
  count: 'deliveries' | 'dead_letters'
}

/**
 * Deletes the deliveries of some users, row by row, and lets other calls run in between, since an
 * outbox may hold gigabytes. What is stored after the erasure was made stays.
 */
export class Erasure {
  readonly #mpids: Set<string>
  readonly #erased: Record<string, ErasedDeliveries>
  readonly #newestSegment: number

  constructor(
    private readonly store: OutboxStore,
    private readonly sql: SqlStorage,
    mpids: string[]
  ) {
    this.#mpids = new Set(mpids)
    this.#erased = Object.fromEntries(
      mpids.map((mpid) => [mpid, { deliveries: 0, dead_letters: 0 }])
    )
    store.segments.close()
    this.#newestSegment = this.#newest('segments', 'seq')
  }

  async run(): Promise<Record<string, ErasedDeliveries>> {
    const segments = { rows: 'segments', key: 'seq', count: 'deliveries' } as const
    await this.#clear({ ...segments, cut: (seq) => this.#cutSegment(seq) }, this.#newestSegment)
    // Dead letters last, since a delivery that waits may become one in between.
    const letters = { rows: 'dead', key: 'id', count: 'dead_letters' } as const
    await this.#clear({ ...letters, cut: (id) => this.#cutLetter(id) }, this.#newest('dead', 'id'))
    return this.#erased
  }

  /** Only from some dead letters. */
  letters(ids: number[]): void {
    for (const id of ids) this.#cutLetter(id)
  }

  #newest(rows: Table['rows'], key: Table['key']): number {
    const [newest = 0] = this.#ids(`SELECT IFNULL(MAX(${key}), 0) AS id FROM ${rows}`)
    return newest
  }

  async #clear(table: Table, upto: number): Promise<void> {
    const { rows, key, cut, count } = table
    for (let after = 0; after < upto; ) {
      const page = `SELECT ${key} AS id FROM ${rows} WHERE ${key} > ? AND ${key} <= ? ORDER BY ${key} LIMIT ?`
      const ids = this.#ids(page, after, upto, pageSize)
      const last = ids.at(-1) ?? upto
      const mentioning = this.#mentioning(table, after, last)
      for (const owner of mentioning.flatMap(cut)) {
        const erased = this.#erased[owner.mpid]
        if (erased) erased[count] += 1
      }
      if (mentioning.length > 0) this.store.load()
      after = last
      if (after < upto) await scheduler.wait(0)
    }
  }

  // The rows that contain the digits anywhere, so that most bodies need not be read.
  #mentioning({ rows, key }: Table, after: number, upto: number): number[] {
    const query = `SELECT ${key} AS id FROM ${rows} WHERE ${key} > ? AND ${key} <= ? AND INSTR(body, ?) > 0`
    const found = [...this.#mpids].flatMap((mpid) => this.#ids(query, after, upto, mpid))
    return [...new Set(found)]
  }

  #ids(query: string, ...bindings: (string | number)[]): number[] {
    return this.sql
      .exec<{ id: number }>(query, ...bindings)
      .toArray()
      .map(({ id }) => id)
  }

  #cutSegment(seq: number): Owner[] {
    const { store } = this
    return store.transaction(() => {
      const segment = store.segments.find(seq)
      const cut = segment && withoutUsers(segment, this.#mpids)
      if (!cut) return []
      // A planned file may be in the bucket although no answer said so. It is written again under its
      // key, even if nothing is left, so it keeps its segments.
      const isPlanned = store.files.plannedSegments().has(seq)
      if (cut.left.deliveries === 0 && !isPlanned) store.remove([seq], Date.now())
      else store.segments.replace(seq, cut.left)
      store.addTotals({ filtered: { erasure: sumOfEvents(cut.gone) } })
      return cut.gone
    })
  }

  #cutLetter(id: number): Owner[] {
    const { store } = this
    return store.transaction(() => {
      const letter = store.dead.find(id)
      const cut = letter && withoutUsers(letter, this.#mpids)
      if (!cut) return []
      store.dead.replace(id, cut.left)
      store.addTotals({ filtered: { erasure: sumOfEvents(cut.gone) } })
      return cut.gone
    })
  }
}

/** Deletes users from dead letters who were erased since these were stored. */
export const eraseLetters = (
  store: OutboxStore,
  sql: SqlStorage,
  { ids, erasedUsers }: { ids: number[]; erasedUsers: ErasedUsers }
): void => {
  for (const id of ids) {
    const mpids = erasedUsers.mpidsSince(store.dead.find(id)?.at_ms)
    if (mpids.length > 0) new Erasure(store, sql, mpids).letters([id])
  }
}
