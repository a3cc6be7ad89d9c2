import type { Outcome } from '../../delivery'
import type { DeadPart } from '../store/dead-letters'
import { readMessages, writeDelivery } from '../store/message'
import type { SegmentBody } from '../store/segments'
import type { OutboxStore } from '../store/store'
import type { Tries } from './poison-deliveries'
import type { Item, Sender } from './sender'

const loadedBytes = 8 * 1024 * 1024

/** How far a loaded segment got. Its row says so only when it goes, or at `rest`. */
interface Progress {
  segment: SegmentBody
  left: Set<Item>
  delivered: { deliveries: number; events: number }
  dead: DeadPart[]
}

/** A delivery that was sent, and what became of it. */
interface Judged {
  item: Item
  outcome: Outcome | undefined
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
  #isStopped = false

  constructor(
    private readonly store: OutboxStore,
    private readonly sender: Sender,
    private readonly tries: Tries
  ) {}

  /**
   * Sends the next messages: one request as a probe, else several at once.
   *
   * @param how isForced: also what is not due yet
   * @returns the outcomes; none when nothing is due
   */
  async step(how: { isProbe: boolean; isForced: boolean }): Promise<Outcome[]> {
    const lane = this.store.segments.lanes.get('')
    const isDue = lane && (how.isForced || this.sender.dueMs(lane) <= Date.now())
    if (this.#waiting.length === 0 && !isDue) return []
    this.#fill()
    const batches = this.#take(how.isProbe ? 1 : this.sender.parallel)
    const answered = await Promise.all(
      batches.map(async (batch) => ({ batch, outcomes: await this.sender.send(batch) }))
    )
    if (this.#isStopped) return []
    this.#requests += batches.length
    const judged = answered.map(({ batch, outcomes }) => this.#judge(batch, outcomes))
    const again = judged.flatMap((one) => this.#note(one))
    // In order, the same is tried again first; otherwise it lets pass what waits.
    this.#waiting = this.sender.isOrdered
      ? [...again, ...this.#waiting]
      : [...this.#waiting, ...again]
    this.#store([...this.#progress.values()].filter((one) => one.left.size === 0))
    // Deliveries that share a request's fate are one attempt.
    return judged.flatMap((one) => {
      const outcomes = one.flatMap(({ outcome }) => outcome ?? [])
      return this.sender.isWhole ? outcomes.slice(0, 1) : outcomes
    })
  }

  #judge(batch: Item[], outcomes: Outcome[]): Judged[] {
    return batch.map((item, i) => ({
      item,
      outcome: this.tries.judge(item, outcomes[i], batch.length),
    }))
  }

  /** The rows are gone: nothing more is stored of them. */
  stop(): void {
    this.#isStopped = true
    this.#waiting = []
    this.#progress.clear()
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

  #take(requests: number): Item[][] {
    const batches: Item[][] = []
    for (let i = 0; i < requests; i++) {
      const waiting = this.tries.fewestFirst(this.#waiting)
      const batch = this.sender.take(waiting, batches.flat(), (item) => this.tries.of(item))
      if (batch.length === 0) break
      batches.push(batch)
      const taken = new Set(batch)
      this.#waiting = this.#waiting.filter((item) => !taken.has(item))
    }
    return batches
  }

  #fill(): void {
    const { wanted } = this.sender
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
  #note(batch: Judged[]): Item[] {
    const dead = new Map<Progress, DeadPart>()
    const again = batch.filter(({ item, outcome }) => {
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
      if (this.sender.isWhole && shared) addTo(shared, part)
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

const addTo = (shared: DeadPart, { deliveries, events, body }: DeadPart): void => {
  shared.deliveries += deliveries
  shared.events += events
  shared.body += body
}
