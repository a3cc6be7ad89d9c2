import { migrate } from '../../base/schema'
import { type HandOff, isQueueLane } from '../../delivery'
import { emptyAddition, type LaneAddition, partsOf } from './addition'
import { DeadLetters, type DeadPart } from './dead-letters'
import { Deduplication } from './deduplication'
import { History } from './history'
import { addCounts, addTotals, type Ledger, noTotals, type Totals } from './ledger'
import { writeDelivery } from './message'
import { type PlannedFile, PlannedFiles } from './planned-files'
import { outboxSteps } from './schema'
import { type Left, type Segment, Segments } from './segments'

/** What is left of a segment of which some messages have their final outcome. */
export interface Remainder extends Left {
  segment: Segment
}

export interface MessagesSettled {
  remainders: Remainder[]
  delivered: { deliveries: number; events: number }
  requests: number
  dead: DeadPart[]
}

/**
 * The rows of an outbox, and the transactions that keep them consistent with the ledger. The tables
 * are listed in `outbox.ts`.
 */
export class OutboxStore {
  readonly segments: Segments
  readonly files: PlannedFiles
  readonly dead: DeadLetters
  totals: Totals = noTotals()
  history = new History(undefined)
  readonly #sql: SqlStorage
  readonly #deduplication: Deduplication

  constructor(private readonly storage: DurableObjectStorage) {
    this.#sql = storage.sql
    migrate(storage, outboxSteps)
    this.segments = new Segments(this.#sql)
    this.files = new PlannedFiles(this.#sql)
    this.dead = new DeadLetters(this.#sql)
    this.#deduplication = new Deduplication(this.#sql)
    this.load()
  }

  /** Reloads what is cached of the rows. */
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

  /** Stores the name of the outbox, once. Nothing else can be stored before. */
  open(name: string): void {
    if (this.name() !== undefined) return
    this.#sql.exec("INSERT INTO meta VALUES (1, ?, ?, 'null')", name, this.#totalsText())
  }

  /** The stored health as it was saved, or null. */
  health(): unknown {
    const [row] = this.#sql.exec<{ health: string }>('SELECT health FROM meta').toArray()
    return row ? JSON.parse(row.health) : null
  }

  /** Stores the health, and with it what the history counted since it was stored last. */
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
    return this.#deduplication.has(handOff.id, handOff.since_ms)
  }

  /** Stores hand-offs in one transaction, usually with one row for each of their lanes. */
  commit(name: string, handOffs: HandOff[], nowMs: number): void {
    const byId = new Map(handOffs.map((handOff) => [handOff.id, handOff]))
    const fresh = [...byId.values()].filter((handOff) => !this.has(handOff))
    if (fresh.length === 0) return
    this.transaction(() => {
      this.open(name)
      this.#add(fresh, nowMs)
    })
    this.#deduplication.remember([...byId.keys()], nowMs)
  }

  #add(handOffs: HandOff[], nowMs: number): void {
    const additions = new Map<string, LaneAddition>()
    const empty: HandOff[] = []
    for (const handOff of handOffs) {
      const addition = this.#addToLanes(handOff, additions, nowMs)
      if (!addition) empty.push(handOff)
      else {
        addition.ids += `\n${handOff.id}`
        addition.accepted += handOff.accepted
        addition.filtered = addCounts(addition.filtered, handOff.filtered)
      }
    }
    for (const addition of additions.values()) {
      for (const part of partsOf(addition)) this.segments.append(addition.lane, part, nowMs)
    }
    if (empty.length === 0) return
    this.#deduplication.store(empty.map(({ id }) => `\n${id}`).join(''), nowMs)
    this.addTotals(
      empty.reduce(
        (sum, { accepted, filtered }) => addTotals(sum, { accepted, filtered }),
        noTotals()
      )
    )
  }

  // Adds deliveries to their lanes, and those that can never be sent to the dead letters.
  // Returns the addition that counts the hand-off: that of the first lane.
  #addToLanes(
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
        this.#addDead({ reason: unsendable, lane, deliveries: 1, events, body }, nowMs)
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

  // Clients determine lanes, and each lane is a file of its own: beyond a limit they share one.
  #laneFor(lane: string, additions: Map<string, LaneAddition>): string {
    const { lanes } = this.segments
    if (isQueueLane(lane) || lanes.has(lane) || additions.has(lane)) return lane
    return lanes.size + additions.size < mostLanes ? lane : sharedLane
  }

  /** Plans a file with this key from the oldest segments of a lane, up to `maxBytes`. */
  planFile(lane: string, key: string, maxBytes: number): PlannedFile | undefined {
    return this.transaction(() => {
      const segments = this.segments.takeForFile(lane, maxBytes)
      return segments.length === 0
        ? undefined
        : this.files.add(
            key,
            segments.map(({ seq }) => seq)
          )
    })
  }

  /** A file was written: deletes its segments. */
  fileDelivered(file: PlannedFile, nowMs: number): void {
    this.transaction(() => {
      this.files.remove(file.id)
      const { deliveries, events } = this.remove(file.segments, nowMs)
      this.history.note(nowMs, { delivered: events, requests: 1 })
      this.addTotals({ delivered: events, deliveries, requests: 1 })
    })
  }

  /** Stores the outcomes of queue messages, and deletes the segments of which nothing is left. */
  messagesSettled({ remainders, delivered, requests, dead }: MessagesSettled, nowMs: number): void {
    this.transaction(() => {
      const done = remainders.filter(({ deliveries }) => deliveries === 0)
      for (const remainder of remainders) {
        if (remainder.deliveries > 0) this.segments.rewrite(remainder.segment, remainder)
      }
      this.remove(
        done.map(({ segment }) => segment.seq),
        nowMs
      )
      for (const part of dead) this.#addDead(part, nowMs)
      this.history.note(nowMs, { delivered: delivered.events, requests })
      this.addTotals({ delivered: delivered.events, deliveries: delivered.deliveries, requests })
    })
  }

  /** Makes a dead letter of each segment that waited too long or whose file was refused. */
  segmentsDead(seqs: number[], reason: string, nowMs: number): void {
    if (seqs.length === 0) return
    const lost = new Set(seqs)
    this.transaction(() => {
      // A planned file may be in the bucket although no answer said so. All of its segments become
      // dead letters, or the others would be written again under another key.
      for (const file of this.files.list()) {
        if (!file.segments.some((seq) => lost.has(seq))) continue
        this.files.remove(file.id)
        for (const seq of file.segments) lost.add(seq)
      }
      for (const seq of lost) {
        const segment = this.segments.find(seq)
        if (segment?.deliveries) this.#addDead({ ...segment, reason }, nowMs)
      }
      this.remove([...lost], nowMs)
      this.addTotals({})
    })
    this.load()
  }

  /** Enqueues a dead letter again. @returns whether there was one */
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

  /** Deletes segments and adds their ledger to the totals, which the caller stores. */
  remove(seqs: number[], nowMs: number): { deliveries: number; events: number } {
    const { ids, accepted, filtered, deliveries, events } = this.segments.remove(seqs)
    this.#deduplication.store(ids, nowMs)
    this.totals = addTotals(this.totals, { accepted, filtered })
    return { deliveries, events }
  }

  /** Adds to the totals and stores them. */
  addTotals(more: Partial<Totals>): void {
    this.totals = addTotals(this.totals, more)
    this.#sql.exec('UPDATE meta SET totals = ? WHERE id = 1', this.#totalsText())
  }

  #addDead(part: DeadPart, nowMs: number): void {
    this.dead.add(part, nowMs)
    this.history.note(nowMs, { dead: part.events })
  }

  /** Runs a transaction, and reloads what is cached when it is rolled back. */
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
