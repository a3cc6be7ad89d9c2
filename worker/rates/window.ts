/** Batches that were granted or leased to an isolate at one time. */
export interface Grant {
  at_ms: number
  batches: number
}

export interface RateRequest {
  /** The limit. */
  per_second: number
  /** Batches to grant now, all or none; a bulk request has 100 at most. */
  batches: number
  /** How many more the isolate expects soon, in requests of the same size. */
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

// A full bulk request must fit, however low the limit is.
const minBurst = 100

const burstOf = (perSecond: number): number => Math.max(perSecond, minBurst)

/** The time in which one burst is allowed: one second, or longer for low limits. */
export const windowMs = (perSecond: number): number => (burstOf(perSecond) / perSecond) * 1000

const sum = (grants: Grant[]): number => grants.reduce((total, { batches }) => total + batches, 0)

const waitMsFor = (missing: number, grants: Grant[], expiredMs: number): number => {
  let freed = 0
  for (const { at_ms, batches } of grants) {
    freed += batches
    if (freed >= missing) return Math.max(1, Math.ceil(at_ms - expiredMs))
  }
  return 1
}

/**
 * Grants batches as long as the window that ends now holds no more than one burst.
 *
 * @param grants earlier ones, oldest first
 * @param isolates how many share the limit: each is leased at most its share of what is free
 * @returns the grants that are still within the window, and the answer
 */
export const grant = (
  grants: Grant[],
  { per_second, batches, ahead }: RateRequest,
  { now, isolates }: { now: number; isolates: number }
): { grants: Grant[]; answer: RateAnswer } => {
  const expiredMs = now - windowMs(per_second)
  const current = grants.filter(({ at_ms }) => at_ms > expiredMs)
  const burst = burstOf(per_second)
  const used = sum(current)
  const free = burst - used
  const percent = (count: number): number => Math.min(100, Math.floor((count / burst) * 100))
  if (free < batches) {
    const retry_ms = waitMsFor(batches - free, current, expiredMs)
    return { grants: current, answer: { granted: 0, used_percent: percent(used), retry_ms } }
  }
  const share = Math.min(ahead, (free - batches) / Math.max(1, isolates))
  // In whole requests, since a remainder that no request fits into would be lost.
  const granted = batches * (1 + Math.max(0, Math.floor(share / Math.max(1, batches))))
  if (granted > 0) current.push({ at_ms: now, batches: granted })
  const answer = { granted, used_percent: percent(used + granted), retry_ms: 0 }
  return { grants: current, answer }
}
