import type { RateAnswer } from './window'

/** How long an isolate may let in what it was leased. */
export const leaseMs = 250
// An isolate that was refused does not ask for the same again sooner.
const leastRefusalMs = 100

/** What an isolate knows of the rate of one input. */
export interface Lease {
  /** Leased and not let in yet. */
  batches: number
  until_ms: number
  used_percent: number
  /** That so many fit at `free_ms` only; taken for granted until `until_ms`. */
  refused: { batches: number; until_ms: number; free_ms: number }
  /** How many came lately, from which the next lease is guessed. */
  came: { since_ms: number; batches: number; before: number }
  /** Somebody is asking for a lease already, so that all others ask only for their own. */
  asking_until_ms: number
}

export type Allowed =
  | { kind: 'taken'; used_percent: number }
  | { kind: 'refused'; retry_ms: number }

/** `ask`: only the input's object can tell; `settleLease` takes its answer. */
export type Charge = Allowed | { kind: 'ask'; ahead: number }

export const newLease = (): Lease => ({
  batches: 0,
  until_ms: 0,
  used_percent: 0,
  refused: { batches: 0, until_ms: 0, free_ms: 0 },
  came: { since_ms: 0, batches: 0, before: 0 },
  asking_until_ms: 0,
})

const withArrival = ({ came }: Lease, batches: number, now: number): Lease['came'] => {
  const age = now - came.since_ms
  if (age < leaseMs) return { ...came, batches: came.batches + batches }
  return { since_ms: now, batches, before: age < 2 * leaseMs ? came.batches : 0 }
}

const longestAskMs = 1000

/** Lets batches in by what is leased, refuses what was just refused, and else has the caller ask. */
export const charge = (
  before: Lease,
  batches: number,
  now: number
): { lease: Lease; charge: Charge } => {
  const lease = { ...before, came: withArrival(before, batches, now) }
  if (now < lease.until_ms && batches <= lease.batches) {
    const left = { ...lease, batches: lease.batches - batches }
    return { lease: left, charge: { kind: 'taken', used_percent: lease.used_percent } }
  }
  const { refused, came } = lease
  if (now < refused.until_ms && batches >= refused.batches) {
    return { lease, charge: { kind: 'refused', retry_ms: refused.free_ms - now } }
  }
  const expected = Math.max(came.before, came.batches) - batches
  const ahead = now < lease.asking_until_ms ? 0 : expected
  const asking_until_ms = ahead > 0 ? now + longestAskMs : lease.asking_until_ms
  return { lease: { ...lease, asking_until_ms }, charge: { kind: 'ask', ahead } }
}

/**
 * The lease after an answer.
 *
 * @param asked what was asked for and when: the lease runs from then on, so that it has ended by
 *   the time its object counts it as used
 */
export const settleLease = (
  lease: Lease,
  asked: { batches: number; ahead: number; at_ms: number },
  { granted, used_percent, retry_ms }: RateAnswer
): { lease: Lease; allowed: Allowed } => {
  const asking_until_ms = asked.ahead > 0 ? 0 : lease.asking_until_ms
  if (granted < asked.batches) {
    const waitMs = Math.max(retry_ms, leastRefusalMs)
    const refused = {
      batches: asked.batches,
      until_ms: asked.at_ms + Math.min(waitMs, leaseMs),
      free_ms: asked.at_ms + waitMs,
    }
    return {
      lease: { ...lease, refused, asking_until_ms },
      allowed: { kind: 'refused', retry_ms: waitMs },
    }
  }
  const leased =
    granted > asked.batches
      ? { batches: granted - asked.batches, until_ms: asked.at_ms + leaseMs }
      : {}
  return {
    lease: { ...lease, ...leased, used_percent, asking_until_ms },
    allowed: { kind: 'taken', used_percent },
  }
}
