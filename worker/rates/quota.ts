/** How much of an input's quota of a day is used or leased. */
export interface QuotaUse {
  /** Days since the epoch, UTC. */
  day: number
  used: number
}

export interface QuotaRequest {
  day: number
  limit: number
  /** How many events are to be let in now, all or none. */
  events: number
  /** How many more the asker expects soon. */
  ahead: number
}

/** What an isolate knows of the quota of an input. */
export interface QuotaLease {
  day: number
  limit: number
  left: number
  /** That so many do not fit; taken for granted until `until_ms`. */
  refused: { events: number; until_ms: number }
  /** How many came lately, from which the next lease is guessed. */
  came: { since_ms: number; events: number; before: number }
}

const dayMs = 86_400_000
// How long a lease should last.
const leaseMs = 10_000
// An isolate leases no more of a quota at a time, which is what is lost with it.
const largestShare = 200

export const dayOf = (now: number): number => Math.floor(now / dayMs)

export const untilMidnightMs = (now: number): number => (dayOf(now) + 1) * dayMs - now

export const newQuotaLease = (day: number, limit: number): QuotaLease => ({
  day,
  limit,
  left: 0,
  refused: { events: 0, until_ms: 0 },
  came: { since_ms: 0, events: 0, before: 0 },
})

const withArrival = ({ came }: QuotaLease, events: number, now: number): QuotaLease['came'] => {
  const age = now - came.since_ms
  if (age < leaseMs) return { ...came, events: came.events + events }
  return { since_ms: now, events, before: age < 2 * leaseMs ? came.events : 0 }
}

/** Lets events in by what is leased, refuses what was just refused, and else has the caller ask. */
export const chargeQuota = (
  before: QuotaLease,
  events: number,
  now: number
): { lease: QuotaLease; charge: 'taken' | 'refused' | QuotaRequest } => {
  const lease = { ...before, came: withArrival(before, events, now) }
  if (events <= lease.left) {
    return { lease: { ...lease, left: lease.left - events }, charge: 'taken' }
  }
  const { refused, came, day, limit } = lease
  if (now < refused.until_ms && events >= refused.events) return { lease, charge: 'refused' }
  const expected = Math.max(came.before, came.events)
  const ahead = Math.min(expected, Math.floor(limit / largestShare))
  return { lease, charge: { day, limit, events, ahead } }
}

// Quotas may be raised, and smaller batches may still fit.
const refusalMs = 5000

/** The lease after an answer: how many events it may let in, 0 for none. */
export const settleQuota = (
  lease: QuotaLease,
  { events, now }: { events: number; now: number },
  granted: number
): QuotaLease =>
  granted < events
    ? { ...lease, refused: { events, until_ms: now + refusalMs } }
    : { ...lease, left: lease.left + granted - events }

/** The use after a request, and how many events the asker may let in. */
export const grantQuota = (
  before: QuotaUse | undefined,
  { day, limit, events, ahead }: QuotaRequest
): { use: QuotaUse; granted: number } => {
  const used = before && before.day >= day ? before.used : 0
  const use = { day: Math.max(day, before?.day ?? day), used }
  const free = limit - used
  if (free < events) return { use, granted: 0 }
  // The last tenth is shared in ever smaller pieces, so that little of it is lost in leases.
  const granted = events + Math.min(ahead, Math.floor((free - events) / 10))
  return { use: { ...use, used: used + granted }, granted }
}
