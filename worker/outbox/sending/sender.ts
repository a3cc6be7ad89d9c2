import type { Outcome } from '../../delivery'
import type { StoredMessage } from '../store/message'
import type { LaneState } from '../store/segments'

/** A delivery with the segment that holds it. */
export interface Item extends StoredMessage {
  seq: number
}

/** How the deliveries of an outbox leave, one by one or several in a request. */
export interface Sender {
  /** When what waits is due, ms; 0: now. */
  dueMs: (lane: LaneState) => number
  /** How many deliveries fill the requests that go at once. */
  wanted: number
  /** Requests at once. */
  parallel: number
  /** Whether what failed goes again before what waits. */
  isOrdered: boolean
  /** Whether the deliveries of a request share its fate. */
  isWhole: boolean
  /**
   * What goes into the next request, beside those that go at the same time; none: nothing can.
   *
   * @param failedBefore how often a delivery was tried in vain
   */
  take: (waiting: Item[], beside: Item[], failedBefore: (item: Item) => number) => Item[]
  /** The outcomes are in the order of the deliveries. */
  send: (batch: Item[]) => Promise<Outcome[]>
}
