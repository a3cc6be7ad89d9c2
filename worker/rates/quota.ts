/** How much of an input's quota of a day is used or leased. */
export interface QuotaUse {
  /** Days since the epoch, UTC. */
  day: number
  used: number
}

export interface QuotaRequest {
  day: number
  limit: number
  /** Events to grant now, all or none. */
  events: number
  /** How many more the isolate expects soon. */
  ahead: number
}

/** The state of one isolate for the quota of one input. */
export interface QuotaLease {
  day: number
  limit: number
  left: number
  /** As many events or more are refused until `until_ms` without asking. */
  refused: { events: number; until_ms: number }
  /** Events that arrived since `since_ms`, and in the period before: the size of the next lease. */
  arrivals: { since_ms: number; events: number; before: number }
}

const dayMs = 86_400_000
// How long a lease should last.
const leaseMs = 10_000
// An isolate leases at most a 200th of the limit at once: the lease is lost with the isolate.
const minShares = 200

export const dayOf = (now: number): number => Math.floor(now / dayMs)

export const untilMidnightMs = (now: number): number => (dayOf(now) + 1) * dayMs - now

export const newQuotaLease = (day: number, limit: number): QuotaLease => ({
  day,
  limit,
  left: 0,
  refused: { events: 0, until_ms: 0 },
  arrivals: { since_ms: 0, events: 0, before: 0 },
})

const addArrivals = (
  { arrivals }: QuotaLease,
  events: number,
  now: number
): QuotaLease['arrivals'] => {
  const age = now - arrivals.since_ms
  if (age < leaseMs) return { ...arrivals, events: arrivals.events + events }
  return { since_ms: now, events, before: age < 2 * leaseMs ? arrivals.events : 0 }
}

/** Grants events from the lease, refuses what was refused just before, else has the caller ask. */
export const chargeQuota = (
  before: QuotaLease,
  events: number,
  now: number
): { lease: QuotaLease; charge: 'granted' | 'refused' | QuotaRequest } => {
  const lease = { ...before, arrivals: addArrivals(before, events, now) }
  if (events <= lease.left) {
    return { lease: { ...lease, left: lease.left - events }, charge: 'granted' }
  }
  const { refused, arrivals, day, limit } = lease
  if (now < refused.until_ms && events >= refused.events) return { lease, charge: 'refused' }
  const expected = Math.max(arrivals.before, arrivals.events)
  const ahead = Math.min(expected, Math.floor(limit / minShares))
  return { lease, charge: { day, limit, events, ahead } }
}

// After it the object is asked again, since the quota may have been raised.
const refusalMs = 5000

/** The lease after an answer. @param granted how many events, 0 when they do not fit */
export const settleQuota = (
  lease: QuotaLease,
  { events, now }: { events: number; now: number },
  granted: number
): QuotaLease =>
  granted < events
    ? { ...lease, refused: { events, until_ms: now + refusalMs } }
    : { ...lease, left: lease.left + granted - events }

/** Grants a request if its events fit. */
export const grantQuota = (
  before: QuotaUse | undefined,
  { day, limit, events, ahead }: QuotaRequest
): { use: QuotaUse; granted: number } => {
  const used = before && before.day >= day ? before.used : 0
  const use = { day: Math.max(day, before?.day ?? day), used }
  const free = limit - used
  if (free < events) return { use, granted: 0 }
  // Leases get smaller as the quota runs out, so that little of it is lost with idle isolates.
  const granted = events + Math.min(ahead, Math.floor((free - events) / 10))
  return { use: { ...use, used: used + granted }, granted }
}
