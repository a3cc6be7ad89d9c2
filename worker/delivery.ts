/** One outbound message or line. */
export interface Delivery {
  id: string
  /** The JSON text, without a line break. */
  text: string
  /** How many events it holds. */
  events: number
  /** The profile it is about: the message group of a FIFO queue. */
  mpid: string
  /** Lines of one lane go to one file. Messages of queues have the lane `queueLane`. */
  lane: string
  /** Small facts beside the text: message attributes. */
  attributes?: Record<string, string | number>
  /** Why the output can never take it; such a delivery goes straight to the dead letters. */
  unsendable?: string
}

/** The one lane of deliveries that are messages of a queue, rather than lines of a file. */
export const queueLane = ''

export const isQueueLane = (lane: string): boolean => lane === queueLane

/** What became of one attempt. Outputs return it; only the outbox acts on it. */
export type Outcome =
  /** suspend: the receiver wants nothing more until somebody resumes the connection. */
  | { kind: 'delivered'; suspend?: boolean }
  /**
   * afterMs: what the receiver asked for. ownerMustAct: only a change of settings or rights helps.
   * limited: it may be the fault of what was sent, which is not tried for ever while others pass.
   */
  | {
      kind: 'retry'
      reason: string
      afterMs?: number
      ownerMustAct?: boolean
      limited?: boolean
    }
  /** The same request would fail again. isFault: several in a row suspend the connection. */
  | { kind: 'reject'; reason: string; isFault?: boolean }

/** What a profile hands to an outbox: one window of one connection, once. */
export interface HandOff {
  id: string
  /** The version of the workspace that the profile knows; the outbox must not know an older one. */
  version: number
  /** The earliest time at which an earlier try of this hand-off may have been taken, ms. */
  since_ms: number
  /** Events of the window, before filters. */
  accepted: number
  /** Events left out, by the id of the setting that did it. */
  filtered: Record<string, number>
  deliveries: Delivery[]
}

export type EnqueueAnswer = { taken: true } | { taken: false; reason: string }

const secondsToMs = 1000
const shortestWaitMs = 1 * secondsToMs
const longestWaitMs = 900 * secondsToMs

/**
 * How long to wait before the next attempt: exponential with full jitter from 1 s to 15 min, never
 * less than the receiver asked for.
 *
 * @param attempts failed attempts in a row, 1 after the first
 * @param random 0 to 1
 */
export const waitBeforeRetry = (
  outcome: Outcome & { kind: 'retry' },
  attempts: number,
  random: number
): number => {
  const ceiling = outcome.ownerMustAct
    ? longestWaitMs
    : Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(attempts, 20))
  const floor = outcome.ownerMustAct ? longestWaitMs / 2 : shortestWaitMs
  return Math.ceil(Math.max(floor + random * (ceiling - floor), outcome.afterMs ?? 0))
}
