import { migrate } from '../../base/schema'
import type { HandOff } from '../../delivery'
import { emptyAddition, type LaneAddition, partsOf } from './addition'
import { DeadLetters, type DeadPart } from './dead-letters'
import { History } from './history'
import { addCounts, addTotals, type Ledger, noTotals, type Totals } from './ledger'
import { writeDelivery } from './message'
import { type PlannedFile, PlannedFiles } from './planned-files'
import { outboxSteps } from './schema'
import { type Left, type Segment, Segments } from './segments'
import { Taken } from './taken'

/** What is left of a segment after some of its messages were settled. */
export interface Rest extends Left {
  segment: Segment
}

export interface MessagesSettled {
  rests: Rest[]
  delivered: { deliveries: number; events: number }
  requests: number
  dead: DeadPart[]
}

/**
 * An outbox's rows, and the transactions that keep them and the ledger in step.
 *
 * `meta`: id 1; name (connection id and shard), totals (JSON: `Totals`, and `history`: `History`),
 * health (JSON: `Health`).
 * `segments`: deliveries that wait, many in a row, and the ledger of their hand-offs, so that
 * counting costs no row of its own. `files`, `dead`, `taken`: see their classes.
 */
export class OutboxStore {
  readonly segments: Segments
  readonly files: PlannedFiles
  readonly dead: DeadLetters
  totals: Totals = noTotals()
  history = new History(undefined)
  readonly #sql: SqlStorage
  readonly #taken: Taken

  constructor(private readonly storage: DurableObjectStorage) {
    this.#sql = storage.sql
    migrate(storage, outboxSteps)
    this.segments = new Segments(this.#sql)
    this.files = new PlannedFiles(this.#sql)
    this.dead = new DeadLetters(this.#sql)
    this.#taken = new Taken(this.#sql)
    this.load()
  }

  /** Reads anew what memory holds of the rows. */
  load(): void {
    const [meta] = this.#sql.exec<{ totals: string }>('SELECT totals FROM meta').toArray()
    const { history, ...totals } = meta ? JSON.parse(meta.totals) : noTotals()
    this.totals = totals
    this.history = new History(history)
    this.segments.load(this.files.plannedSegments())
  }

  name(): string | undefined {
    return this.#sql.exec<{ name: string }>('SELECT name FROM meta').toArray()[0]?.name
  }

  /** Stores whose outbox this is, once; before it, nothing else can be stored. */
  open(name: string): void {
    if (this.name() !== undefined) return
    this.#sql.exec("INSERT INTO meta VALUES (1, ?, ?, 'null')", name, this.#totalsText())
  }

  /** The stored health as it was saved, or null. */
  health(): unknown {
    const [row] = this.#sql.exec<{ health: string }>('SELECT health FROM meta').toArray()
    return row ? JSON.parse(row.health) : null
  }

  /** Stores the health; what failed of the history goes with it. */
  saveHealth(health: unknown): void {
    this.#sql.exec(
      'UPDATE meta SET health = ?, totals = ? WHERE id = 1',
      JSON.stringify(health),
      this.#totalsText()
    )
  }

  #totalsText(): string {
    return JSON.stringify({ ...this.totals, history: this.history })
  }

  has(handOff: HandOff): boolean {
    return this.#taken.has(handOff.id, handOff.since_ms)
  }

  /** Stores hand-offs in one transaction: a row per lane they touch, most of the time. */
  commit(name: string, handOffs: HandOff[], nowMs: number): void {
    const byId = new Map(handOffs.map((one) => [one.id, one]))
    const fresh = [...byId.values()].filter((one) => !this.has(one))
    if (fresh.length === 0) return
    this.transaction(() => {
      this.open(name)
      this.#add(fresh, nowMs)
    })
    this.#taken.remember([...byId.keys()], nowMs)
  }

  #add(handOffs: HandOff[], nowMs: number): void {
    const additions = new Map<string, LaneAddition>()
    const laneless: HandOff[] = []
    for (const handOff of handOffs) {
      const first = this.#sort(handOff, additions, nowMs)
      if (!first) laneless.push(handOff)
      else {
        first.ids += `\n${handOff.id}`
        first.accepted += handOff.accepted
        first.filtered = addCounts(first.filtered, handOff.filtered)
      }
    }
    for (const addition of additions.values()) {
      for (const part of partsOf(addition)) this.segments.append(addition.lane, part, nowMs)
    }
    if (laneless.length === 0) return
    this.#taken.store(laneless.map((one) => `\n${one.id}`).join(''), nowMs)
    this.addTotals(
      laneless.reduce(
        (sum, { accepted, filtered }) => addTotals(sum, { accepted, filtered }),
        noTotals()
      )
    )
  }

  // Puts deliveries to their lanes, and what can never be sent to the dead letters.
  #sort(
    handOff: HandOff,
    additions: Map<string, LaneAddition>,
    nowMs: number
  ): LaneAddition | undefined {
    let first: LaneAddition | undefined
    for (const delivery of handOff.deliveries) {
      const { events, unsendable } = delivery
      const body = writeDelivery(delivery)
      if (unsendable !== undefined) {
        const { lane } = delivery
        this.#bury({ reason: unsendable, lane, deliveries: 1, events, body }, nowMs)
        continue
      }
      const lane = this.#laneFor(delivery.lane, additions)
      const addition = additions.get(lane) ?? { ...emptyAddition(), lane, parts: [] }
      additions.set(lane, addition)
      addition.parts.push({ body, events })
      first ??= addition
    }
    return first
  }

  // Lanes follow what clients send, and each costs a file: beyond a bound, they share one.
  #laneFor(lane: string, additions: Map<string, LaneAddition>): string {
    const { lanes } = this.segments
    if (lane === '' || lanes.has(lane) || additions.has(lane)) return lane
    return lanes.size + additions.size < mostLanes ? lane : sharedLane
  }

  /** Gives the oldest segments of a lane, up to `maxBytes`, to a new file with this key. */
  planFile(lane: string, key: string, maxBytes: number): PlannedFile | undefined {
    return this.transaction(() => {
      const taken = this.segments.takeForFile(lane, maxBytes)
      return taken.length === 0
        ? undefined
        : this.files.add(
            key,
            taken.map((one) => one.seq)
          )
    })
  }

  /** The file is in the bucket: its segments go. */
  fileDelivered(file: PlannedFile, nowMs: number): void {
    this.transaction(() => {
      this.files.remove(file.id)
      const { deliveries, events } = this.remove(file.segments, nowMs)
      this.history.note(nowMs, { delivered: events, requests: 1 })
      this.addTotals({ delivered: events, deliveries, requests: 1 })
    })
  }

  /** Stores what became of queue messages: segments of which nothing is left go. */
  messagesSettled({ rests, delivered, requests, dead }: MessagesSettled, nowMs: number): void {
    this.transaction(() => {
      const gone = rests.filter((one) => one.deliveries === 0)
      for (const rest of rests) {
        if (rest.deliveries > 0) this.segments.rewrite(rest.segment, rest)
      }
      this.remove(
        gone.map((one) => one.segment.seq),
        nowMs
      )
      for (const part of dead) this.#bury(part, nowMs)
      this.history.note(nowMs, { delivered: delivered.events, requests })
      this.addTotals({ delivered: delivered.events, deliveries: delivered.deliveries, requests })
    })
  }

  /** What waited too long, or was refused whole, becomes dead letters: one of each segment. */
  segmentsDead(seqs: number[], reason: string, nowMs: number): void {
    if (seqs.length === 0) return
    const lost = new Set(seqs)
    this.transaction(() => {
      // A begun file may be in the bucket although no answer said so: it goes whole, lest what is
      // left of it be written again under another key.
      for (const file of this.files.list()) {
        if (!file.segments.some((seq) => lost.has(seq))) continue
        this.files.remove(file.id)
        for (const seq of file.segments) lost.add(seq)
      }
      for (const seq of lost) {
        const segment = this.segments.find(seq)
        if (segment?.deliveries) this.#bury({ ...segment, reason }, nowMs)
      }
      this.remove([...lost], nowMs)
      this.addTotals({})
    })
    this.load()
  }

  /** Puts a dead letter back among what waits. @returns whether there was one */
  replay(id: number, nowMs: number): boolean {
    return this.transaction(() => {
      const letter = this.dead.take(id)
      if (!letter) return false
      const { lane, body, deliveries, events } = letter
      this.segments.append(lane, { ...emptyAddition(), body, deliveries, events }, nowMs)
      return true
    })
  }

  /** Deletes a dead letter for good. @returns whether there was one */
  discard(id: number): boolean {
    return this.transaction(() => {
      const letter = this.dead.take(id)
      if (letter) this.addTotals({ discarded: letter.events })
      return letter !== undefined
    })
  }

  expireDead(nowMs: number): void {
    if ((this.dead.nextExpiryMs() ?? Number.POSITIVE_INFINITY) > nowMs) return
    this.transaction(() => this.addTotals({ discarded: this.dead.expire(nowMs) }))
  }

  ledger(): Ledger {
    const waiting = this.segments.sums()
    return {
      accepted: this.totals.accepted + waiting.accepted,
      delivered: this.totals.delivered,
      filtered: addCounts(this.totals.filtered, this.segments.filtered()),
      dead: this.totals.discarded + this.dead.count().events,
      waiting: waiting.events,
    }
  }

  /** The ledger of removed segments moves into the totals; the caller stores these. */
  remove(seqs: number[], nowMs: number): { deliveries: number; events: number } {
    const { ids, accepted, filtered, deliveries, events } = this.segments.remove(seqs)
    this.#taken.store(ids, nowMs)
    this.totals = addTotals(this.totals, { accepted, filtered })
    return { deliveries, events }
  }

  /** Adds to the totals and stores them. */
  addTotals(more: Partial<Totals>): void {
    this.totals = addTotals(this.totals, more)
    this.#sql.exec('UPDATE meta SET totals = ? WHERE id = 1', this.#totalsText())
  }

  #bury(part: DeadPart, nowMs: number): void {
    this.dead.bury(part, nowMs)
    this.history.note(nowMs, { dead: part.events })
  }

  /** Memory follows the rows: when these are rolled back, it is read anew. */
  transaction<T>(change: () => T): T {
    try {
      return this.storage.transactionSync(change)
    } catch (error) {
      this.load()
      throw error
    }
  }
}

const mostLanes = 256
const sharedLane = '/weir'
