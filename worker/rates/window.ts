/** Batches that were let in, or leased to an isolate to let in, at some time. */
export interface Grant {
  at_ms: number
  batches: number
}

export interface RateRequest {
  /** The limit. */
  per_second: number
  /** How many are to be let in now, all or none; a bulk request has 100 at most. */
  batches: number
  /** How many more the asker expects to let in soon, in requests of the same size. */
  ahead: number
}

export interface RateAnswer {
  /** `batches` and as much of `ahead` as there was room for, or nothing. */
  granted: number
  /** How much of the limit is in use, 0 to 100. */
  used_percent: number
  /** Time until `batches` fit; 0 when they did. */
  retry_ms: number
}

// What one bulk request may hold must fit, however low the limit is.
const leastBurst = 100

const burstOf = (perSecond: number): number => Math.max(perSecond, leastBurst)

/** The stretch of time in which a burst may come once: one second, or longer for low limits. */
export const windowMs = (perSecond: number): number => (burstOf(perSecond) / perSecond) * 1000

const sum = (grants: Grant[]): number => grants.reduce((total, one) => total + one.batches, 0)

const waitFor = (lacking: number, grants: Grant[], expiredMs: number): number => {
  let freed = 0
  for (const { at_ms, batches } of grants) {
    freed += batches
    if (freed >= lacking) return Math.max(1, Math.ceil(at_ms - expiredMs))
  }
  return 1
}

/**
 * Lets batches in as long as no more than a burst came within the window that ends now.
 *
 * @param grants earlier ones, oldest first
 * @param isolates how many share the limit: none is leased more than its share of what is free
 * @returns the grants that still count, and the answer
 */
export const grant = (
  grants: Grant[],
  { per_second, batches, ahead }: RateRequest,
  { now, isolates }: { now: number; isolates: number }
): { grants: Grant[]; answer: RateAnswer } => {
  const expiredMs = now - windowMs(per_second)
  const counting = grants.filter((one) => one.at_ms > expiredMs)
  const burst = burstOf(per_second)
  const used = sum(counting)
  const free = burst - used
  const percent = (count: number): number => Math.min(100, Math.floor((count / burst) * 100))
  if (free < batches) {
    const retry_ms = waitFor(batches - free, counting, expiredMs)
    return { grants: counting, answer: { granted: 0, used_percent: percent(used), retry_ms } }
  }
  const share = Math.min(ahead, (free - batches) / Math.max(1, isolates))
  // In whole requests: the rest of a lease that no request fits into is lost.
  const granted = batches * (1 + Math.max(0, Math.floor(share / Math.max(1, batches))))
  if (granted > 0) counting.push({ at_ms: now, batches: granted })
  const answer = { granted, used_percent: percent(used + granted), retry_ms: 0 }
  return { grants: counting, answer }
}
