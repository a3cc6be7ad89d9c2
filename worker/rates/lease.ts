import type { RateAnswer } from './window'

/** How long a lease is valid. */
export const leaseMs = 250
// The shortest time for which an isolate refuses by itself after the object refused.
const minRefusalMs = 100

/** The state of one isolate for the rate limit of one input. */
export interface Lease {
  /** How many batches of the lease are left. */
  batches: number
  until_ms: number
  used_percent: number
  /** As many batches or more are refused until `until_ms` without asking; they fit at `free_ms`. */
  refused: { batches: number; until_ms: number; free_ms: number }
  /**
   * Batches that arrived since `since_ms`, and in the period before: the size of the next lease.
   */
  arrivals: { since_ms: number; batches: number; before: number }
  /** A request for a lease is under way: until then, others ask only for their own batches. */
  asking_until_ms: number
}

export type Allowed =
  | { kind: 'granted'; used_percent: number }
  | { kind: 'refused'; retry_ms: number }

/** `ask`: the input's object must be asked, and its answer goes to `settleLease`. */
export type Charge = Allowed | { kind: 'ask'; ahead: number }

export const newLease = (): Lease => ({
  batches: 0,
  until_ms: 0,
  used_percent: 0,
  refused: { batches: 0, until_ms: 0, free_ms: 0 },
  arrivals: { since_ms: 0, batches: 0, before: 0 },
  asking_until_ms: 0,
})

const addArrivals = ({ arrivals }: Lease, batches: number, now: number): Lease['arrivals'] => {
  const age = now - arrivals.since_ms
  if (age < leaseMs) return { ...arrivals, batches: arrivals.batches + batches }
  return { since_ms: now, batches, before: age < 2 * leaseMs ? arrivals.batches : 0 }
}

const askTimeoutMs = 1000

/** Grants batches from the lease, refuses what was refused just before, else has the caller ask. */
export const charge = (
  before: Lease,
  batches: number,
  now: number
): { lease: Lease; charge: Charge } => {
  const lease = { ...before, arrivals: addArrivals(before, batches, now) }
  if (now < lease.until_ms && batches <= lease.batches) {
    const left = { ...lease, batches: lease.batches - batches }
    return { lease: left, charge: { kind: 'granted', used_percent: lease.used_percent } }
  }
  const { refused, arrivals } = lease
  if (now < refused.until_ms && batches >= refused.batches) {
    return { lease, charge: { kind: 'refused', retry_ms: refused.free_ms - now } }
  }
  const expected = Math.max(arrivals.before, arrivals.batches) - batches
  const ahead = now < lease.asking_until_ms ? 0 : expected
  const asking_until_ms = ahead > 0 ? now + askTimeoutMs : lease.asking_until_ms
  return { lease: { ...lease, asking_until_ms }, charge: { kind: 'ask', ahead } }
}

/**
 * The lease after an answer of the input's object.
 *
 * @param asked the request, and when it was made: the lease runs from then on, so that it ends
 *   before the object counts those batches as over
 */
export const settleLease = (
  lease: Lease,
  asked: { batches: number; ahead: number; at_ms: number },
  { granted, used_percent, retry_ms }: RateAnswer
): { lease: Lease; allowed: Allowed } => {
  const asking_until_ms = asked.ahead > 0 ? 0 : lease.asking_until_ms
  if (granted < asked.batches) {
    const waitMs = Math.max(retry_ms, minRefusalMs)
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
    allowed: { kind: 'granted', used_percent },
  }
}
