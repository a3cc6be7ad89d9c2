import type { Outcome } from '../delivery'
import { isFifo, sendMessages, takeBatch } from '../outputs/sqs'
import type { DeadPart } from './dead-letters'
import { readMessages, type StoredMessage, writeDelivery } from './message'
import type { LaneState, SegmentBody } from './segments'
import type { OutboxStore } from './store'
import type { Target } from './target'

type QueueTarget = Target & { kind: 'sqs' }

const parallelRequests = 5
const messagesPerRequest = 10
const loadedBytes = 8 * 1024 * 1024
// Rows, alarms and requests are shared by what comes in within this time.
const gatherMs = 1000

/** When a queue's next messages are sent, ms: 0 as soon as they fill a request. */
export const queueDueMs = (lane: LaneState): number =>
  lane.deliveries >= messagesPerRequest ? 0 : lane.opened_ms + gatherMs

interface Item extends StoredMessage {
  seq: number
}

/** How far a loaded segment got. Its row says so only when it goes, or at `rest`. */
interface Progress {
  segment: SegmentBody
  left: Set<Item>
  delivered: { deliveries: number; events: number }
  dead: DeadPart[]
}

/**
 * What an outbox has in memory of a queue's deliveries: whole segments from the front. A segment's
 * row goes when all of it is settled, so that a request costs no row; an object that dies in
 * between sends the segment's messages again.
 */
export class MessageDrain {
  #waiting: Item[] = []
  readonly #progress = new Map<number, Progress>()
  #lastSeq = 0
  #requests = 0

  constructor(private readonly store: OutboxStore) {}

  /**
   * Sends the next messages: one request as a probe, else up to five at once.
   *
   * @returns the outcomes; none when nothing is due
   */
  async step(target: QueueTarget, isProbe: boolean): Promise<Outcome[]> {
    const lane = this.store.segments.lanes.get('')
    if (this.#waiting.length === 0 && (!lane || queueDueMs(lane) > Date.now())) return []
    this.#fill()
    const isOrdered = isFifo(target.queue_url)
    const batches = this.#take(target, isProbe || isOrdered ? 1 : parallelRequests)
    const answered = await Promise.all(
      batches.map(async (batch) => ({ batch, outcomes: await sendMessages(target, batch) }))
    )
    this.#requests += batches.length
    const again = answered.flatMap(({ batch, outcomes }) => this.#note(batch, outcomes))
    // Ordered queues try the same again first; others let it pass behind what waits.
    this.#waiting = isOrdered ? [...again, ...this.#waiting] : [...this.#waiting, ...again]
    this.#store([...this.#progress.values()].filter((one) => one.left.size === 0))
    return answered.flatMap((one) => one.outcomes)
  }

  /** Stores how far partly sent segments got, before memory may go. */
  rest(): void {
    this.#store(
      [...this.#progress.values()].filter(({ left, segment }) => left.size < segment.deliveries)
    )
    this.#waiting = []
    this.#progress.clear()
    this.#lastSeq = 0
  }

  #take(target: QueueTarget, requests: number): Item[][] {
    const batches: Item[][] = []
    for (let i = 0; i < requests; i++) {
      const batch = takeBatch(this.#waiting, target)
      if (batch.length === 0) break
      batches.push(batch)
      const taken = new Set(batch)
      this.#waiting = this.#waiting.filter((item) => !taken.has(item))
    }
    return batches
  }

  // One request's worth more than is sent at once, so that requests are full while more waits.
  #fill(): void {
    const wanted = (parallelRequests + 1) * messagesPerRequest
    let count = this.#waiting.length
    if (count >= wanted) return
    let bytes = this.#waiting.reduce((sum, item) => sum + item.text.length, 0)
    const loaded = this.store.segments.read('', this.#lastSeq + 1, (found, next) => {
      count += found.at(-1)?.deliveries ?? 0
      bytes += found.at(-1)?.bytes ?? 0
      return count >= wanted || bytes + next.bytes > loadedBytes
    })
    for (const segment of loaded) {
      const { seq } = segment
      const items = readMessages(segment.body).map((message) => ({ ...message, seq }))
      const delivered = { deliveries: 0, events: 0 }
      this.#progress.set(seq, { segment, left: new Set(items), delivered, dead: [] })
      this.#waiting.push(...items)
      this.#lastSeq = seq
    }
  }

  /** Notes what became of a batch. @returns what must be tried again */
  #note(batch: Item[], outcomes: Outcome[]): Item[] {
    return batch.filter((item, i) => {
      const outcome = outcomes[i]
      if (!outcome || outcome.kind === 'retry') return true
      const progress = this.#progress.get(item.seq)
      progress?.left.delete(item)
      if (outcome.kind === 'reject') progress?.dead.push(deadPart(item, outcome.reason))
      else if (progress) {
        progress.delivered.deliveries += 1
        progress.delivered.events += item.events
      }
      return false
    })
  }

  #store(progresses: Progress[]): void {
    if (progresses.length === 0) return
    const delivered = { deliveries: 0, events: 0 }
    for (const one of progresses) {
      delivered.deliveries += one.delivered.deliveries
      delivered.events += one.delivered.events
      this.#progress.delete(one.segment.seq)
    }
    const dead = progresses.flatMap((one) => one.dead)
    const requests = this.#requests
    this.#requests = 0
    this.store.messagesSettled(
      { rests: progresses.map(restOf), delivered, requests, dead },
      Date.now()
    )
  }
}

const restOf = ({ segment, left }: Progress) => ({
  segment,
  deliveries: left.size,
  events: [...left].reduce((sum, item) => sum + item.events, 0),
  body: [...left].map(writeDelivery).join(''),
})

const deadPart = (item: Item, reason: string): DeadPart => ({
  reason,
  lane: '',
  deliveries: 1,
  events: item.events,
  body: writeDelivery(item),
})
