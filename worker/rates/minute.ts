/** The state of one isolate for the limit of a minute, of one input or of one address. */
export interface MinuteLease {
  minute: number
  /** How many more requests it may grant. */
  left: number
  /** How many it granted before it asked, which the object does not count yet. */
  unreported: number
  /** How many requests arrived, refused ones included. */
  arrivals: number
  hasAsked: boolean
  refused: boolean
}

export interface MinuteRequest {
  minute: number
  limit: number
  unreported: number
  /** How many requests the isolate asks for. */
  wanted: number
}

export const minuteMs = 60_000

export const minuteOf = (now: number): number => Math.floor(now / minuteMs)

// An isolate leases at most an eighth of the limit at once, so that others get some.
const minShares = 8

/** @param free how many requests are granted before the object is asked */
export const newMinuteLease = (minute: number, free: number): MinuteLease => ({
  minute,
  left: free,
  unreported: 0,
  arrivals: 0,
  hasAsked: false,
  refused: false,
})

/**
 * Grants a request from the lease or refuses it.
 *
 * @returns as charge a request that the object must be asked, whose answer goes to `settleMinute`
 */
export const chargeMinute = (
  lease: MinuteLease,
  limit: number
): { lease: MinuteLease; charge: 'granted' | 'refused' | MinuteRequest } => {
  const arrivals = lease.arrivals + 1
  if (lease.refused || arrivals > limit) return { lease: { ...lease, arrivals }, charge: 'refused' }
  if (lease.left > 0) {
    const unreported = lease.unreported + (lease.hasAsked ? 0 : 1)
    return { lease: { ...lease, arrivals, unreported, left: lease.left - 1 }, charge: 'granted' }
  }
  const { minute, unreported } = lease
  const wanted = Math.min(arrivals, Math.ceil(limit / minShares))
  // Set to 0 before the answer comes, so that requests in between do not report them again.
  const asking = { ...lease, arrivals, unreported: 0, hasAsked: true }
  return { lease: asking, charge: { minute, limit, unreported, wanted } }
}

/** The lease after an answer. @param granted how many requests, including the one that asked */
export const settleMinute = (lease: MinuteLease, granted: number): MinuteLease =>
  granted === 0 ? { ...lease, refused: true } : { ...lease, left: lease.left + granted - 1 }

/** How many requests an isolate is granted when `used` were counted in this minute. */
export const grantMinute = (used: number, { limit, unreported, wanted }: MinuteRequest): number =>
  Math.max(0, Math.min(wanted, limit - used - unreported))

// Some ten megabytes.
const maxNames = 100_000

/** Counts the requests of this minute by name, in memory only. */
export class MinuteCounts {
  #minute = 0
  readonly #used = new Map<string, number>()

  /** @returns how many requests are granted */
  count(name: string, request: MinuteRequest): number {
    if (request.minute !== this.#minute) {
      // The isolate's clock is behind, and that minute is not counted any more.
      if (request.minute < this.#minute) return request.wanted
      this.#minute = request.minute
      this.#used.clear()
    }
    const used = this.#used.get(name) ?? 0
    const granted = grantMinute(used, request)
    if (this.#used.size < maxNames || this.#used.has(name)) {
      this.#used.set(name, used + request.unreported + granted)
    }
    return granted
  }
}
