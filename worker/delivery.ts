/** One outbound message or line. */
export interface Delivery {
  id: string
  /** The JSON text, without a line break. */
  text: string
  /** How many events it holds. */
  events: number
  /** The user whose events it has: the message group of a FIFO queue. */
  mpid: string
  /** Lines of the same lane may share a file. Messages of queues have the lane `queueLane`. */
  lane: string
  /** Message attributes, for queues. */
  attributes?: Record<string, string | number>
  /** Why the output can never take it; it becomes a dead letter at once. */
  unsendable?: string
}

/** The one lane of deliveries that are messages of a queue, rather than lines of a file. */
export const queueLane = ''

export const isQueueLane = (lane: string): boolean => lane === queueLane

/** The outcome of one attempt. Outputs return it; only the outbox acts on it. */
export type Outcome =
  /** suspend: the receiver asked to pause the connection until its owner resumes it. */
  | { kind: 'delivered'; suspend?: boolean }
  /**
   * afterMs: the wait that the receiver asked for. ownerMustAct: only a change of settings or
   * rights helps. limited: it may be a poison message, so its attempts are limited while others
   * succeed.
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

/** What a profile enqueues in an outbox: one window for one connection. */
export interface HandOff {
  id: string
  /** The workspace version of the profile; the outbox must not use an older one. */
  version: number
  /** The earliest time at which an earlier attempt may have stored this hand-off, ms. */
  since_ms: number
  /** Events of the window, before filters. */
  accepted: number
  /** Filtered events, by the id of the setting that filters them. */
  filtered: Record<string, number>
  deliveries: Delivery[]
}

export type EnqueueAnswer = { taken: true } | { taken: false; reason: string }

const minWaitMs = 1000
const maxWaitMs = 900_000

/**
 * The backoff before the next attempt: exponential with full jitter from 1 s to 15 min, never less
 * than the receiver asked for.
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
    ? maxWaitMs
    : Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(attempts, 20))
  const floor = outcome.ownerMustAct ? maxWaitMs / 2 : minWaitMs
  return Math.ceil(Math.max(floor + random * (ceiling - floor), outcome.afterMs ?? 0))
}
