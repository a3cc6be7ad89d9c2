import { type Outcome, queueLane } from '../../delivery'
import type { QueuedDelivery, QueueSender, WaitingLane } from '../../outputs/target'
import type { DeadPart } from '../store/dead-letters'
import { readMessages, writeDelivery } from '../store/message'
import type { SegmentBody } from '../store/segments'
import type { OutboxStore } from '../store/store'
import type { PoisonDeliveries } from './poison-deliveries'

const loadedBytes = 8 * 1024 * 1024

/** A delivery in memory, with the segment that stores it. */
interface Item extends QueuedDelivery {
  seq: number
}

/** What became of a loaded segment. Its row is written only when it is done, or by `flush`. */
interface Progress {
  segment: SegmentBody
  left: Set<Item>
  delivered: { deliveries: number; events: number }
  dead: DeadPart[]
}

interface Attempt {
  item: Item
  outcome: Outcome | undefined
}

/**
 * Sends the messages of an outbox to a queue, from whole segments that it loads from the front. A
 * segment's row is deleted once all of it has an outcome, so that a request writes no row; if the
 * object dies before, the segment's messages are sent again.
 */
export class MessageDrain {
  #waiting: Item[] = []
  readonly #progress = new Map<number, Progress>()
  #lastSeq = 0
  #requests = 0
  #isStopped = false

  constructor(
    private readonly store: OutboxStore,
    private readonly sender: QueueSender,
    private readonly poison: PoisonDeliveries
  ) {}

  /**
   * Sends the next messages: one request as a probe, else several at the same time.
   *
   * @param how isDue: whether messages that wait are to be sent now
   * @returns the outcomes; none when nothing is due
   */
  async step(how: { isProbe: boolean; isDue: (lane: WaitingLane) => boolean }): Promise<Outcome[]> {
    const lane = this.store.segments.lanes.get(queueLane)
    if (this.#waiting.length === 0 && !(lane && how.isDue(lane))) return []
    this.#load()
    const batches = this.#nextBatches(how.isProbe ? 1 : this.sender.parallel)
    const answers = await Promise.all(
      batches.map(async (batch) => ({ batch, outcomes: await this.sender.send(batch) }))
    )
    if (this.#isStopped) return []
    this.#requests += batches.length
    const attempts = answers.map(({ batch, outcomes }) => this.#judge(batch, outcomes))
    const again = attempts.flatMap((batch) => this.#record(batch))
    // An ordered queue repeats what failed first; others send what waits before it.
    this.#waiting = this.sender.isOrdered
      ? [...again, ...this.#waiting]
      : [...this.#waiting, ...again]
    this.#store([...this.#progress.values()].filter(({ left }) => left.size === 0))
    // Deliveries that share the outcome of their request are one attempt.
    return attempts.flatMap((batch) => {
      const outcomes = batch.flatMap(({ outcome }) => outcome ?? [])
      return this.sender.isWhole ? outcomes.slice(0, 1) : outcomes
    })
  }

  #judge(batch: Item[], outcomes: Outcome[]): Attempt[] {
    return batch.map((item, i) => ({
      item,
      outcome: this.poison.judge(item, outcomes[i], batch.length),
    }))
  }

  /** The rows were deleted: stores nothing more. */
  stop(): void {
    this.#isStopped = true
    this.#clear()
  }

  /** Stores the progress of partly sent segments, and forgets all that was loaded. */
  flush(): void {
    const progresses = [...this.#progress.values()]
    this.#store(progresses.filter(({ left, segment }) => left.size < segment.deliveries))
    this.#clear()
    this.#lastSeq = 0
  }

  #clear(): void {
    this.#waiting = []
    this.#progress.clear()
  }

  #nextBatches(requests: number): Item[][] {
    const batches: Item[][] = []
    for (let i = 0; i < requests; i++) {
      const waiting = this.poison.fewestFailuresFirst(this.#waiting)
      const batch = this.sender.take(waiting, batches.flat(), (item) => this.poison.failures(item))
      if (batch.length === 0) break
      batches.push(batch)
      const chosen = new Set(batch)
      this.#waiting = this.#waiting.filter((item) => !chosen.has(item))
    }
    return batches
  }

  #load(): void {
    const { wanted } = this.sender
    let count = this.#waiting.length
    if (count >= wanted) return
    let bytes = this.#waiting.reduce((sum, { text }) => sum + text.length, 0)
    const segments = this.store.segments.read(queueLane, this.#lastSeq + 1, (found, next) => {
      count += found.at(-1)?.deliveries ?? 0
      bytes += found.at(-1)?.bytes ?? 0
      return count >= wanted || bytes + next.bytes > loadedBytes
    })
    for (const segment of segments) {
      const { seq } = segment
      const items = readMessages(segment.body).map((message) => ({ ...message, seq }))
      const delivered = { deliveries: 0, events: 0 }
      this.#progress.set(seq, { segment, left: new Set(items), delivered, dead: [] })
      this.#waiting.push(...items)
      this.#lastSeq = seq
    }
  }

  /** Records the outcomes of a request. @returns what must be sent again */
  #record(attempts: Attempt[]): Item[] {
    const dead = new Map<Progress, DeadPart>()
    const again = attempts.filter(({ item, outcome }) => {
      if (!outcome || outcome.kind === 'retry') return true
      const progress = this.#progress.get(item.seq)
      if (!progress) return false
      progress.left.delete(item)
      if (outcome.kind === 'delivered') {
        progress.delivered.deliveries += 1
        progress.delivered.events += item.events
        return false
      }
      const part = deadPart(item, outcome.reason)
      const shared = dead.get(progress)
      if (this.sender.isWhole && shared) append(shared, part)
      else {
        dead.set(progress, part)
        progress.dead.push(part)
      }
      return false
    })
    return again.map(({ item }) => item)
  }

  #store(progresses: Progress[]): void {
    if (progresses.length === 0) return
    const delivered = { deliveries: 0, events: 0 }
    for (const progress of progresses) {
      delivered.deliveries += progress.delivered.deliveries
      delivered.events += progress.delivered.events
      this.#progress.delete(progress.segment.seq)
    }
    const dead = progresses.flatMap((progress) => progress.dead)
    const requests = this.#requests
    this.#requests = 0
    const remainders = progresses.map(remainderOf)
    this.store.messagesSettled({ remainders, delivered, requests, dead }, Date.now())
  }
}

const remainderOf = ({ segment, left }: Progress) => ({
  segment,
  deliveries: left.size,
  events: [...left].reduce((sum, item) => sum + item.events, 0),
  body: [...left].map(writeDelivery).join(''),
})

const deadPart = (item: Item, reason: string): DeadPart => ({
  reason,
  lane: queueLane,
  deliveries: 1,
  events: item.events,
  body: writeDelivery(item),
})

const append = (shared: DeadPart, { deliveries, events, body }: DeadPart): void => {
  shared.deliveries += deliveries
  shared.events += events
  shared.body += body
}
