/** What an isolate knows of the requests of this minute, of one input or of one address. */
export interface MinuteLease {
  minute: number
  /** How many more it may let in. */
  left: number
  /** How many it let in without having asked, and has not told. */
  untold: number
  /** How many came in all. */
  came: number
  hasAsked: boolean
  refused: boolean
}

export interface MinuteRequest {
  minute: number
  limit: number
  untold: number
  /** How many more the asker would let in. */
  wanted: number
}

export const minuteMs = 60_000

export const minuteOf = (now: number): number => Math.floor(now / minuteMs)

// So that an isolate which asks for much leaves some for the others.
const largestShare = 8

/** @param free how many it lets in before it asks */
export const newMinuteLease = (minute: number, free: number): MinuteLease => ({
  minute,
  left: free,
  untold: 0,
  came: 0,
  hasAsked: false,
  refused: false,
})

/**
 * Lets a request in by what is leased, or refuses it; `ask`: only the object that counts them all
 * can tell, and `settleMinute` takes its answer.
 */
export const chargeMinute = (
  lease: MinuteLease,
  limit: number
): { lease: MinuteLease; charge: 'taken' | 'refused' | MinuteRequest } => {
  const came = lease.came + 1
  if (lease.refused || came > limit) return { lease: { ...lease, came }, charge: 'refused' }
  if (lease.left > 0) {
    const untold = lease.untold + (lease.hasAsked ? 0 : 1)
    return { lease: { ...lease, came, untold, left: lease.left - 1 }, charge: 'taken' }
  }
  const { minute, untold } = lease
  const wanted = Math.min(came, Math.ceil(limit / largestShare))
  // Told once, also when more requests come before the answer does.
  const asking = { ...lease, came, untold: 0, hasAsked: true }
  return { lease: asking, charge: { minute, limit, untold, wanted } }
}

/** The lease after an answer: how many it may let in, the one that asked among them. */
export const settleMinute = (lease: MinuteLease, granted: number): MinuteLease =>
  granted === 0 ? { ...lease, refused: true } : { ...lease, left: lease.left + granted - 1 }

/** How many more of this minute, of `used` so far, an asker may let in. */
export const grantMinute = (used: number, { limit, untold, wanted }: MinuteRequest): number =>
  Math.max(0, Math.min(wanted, limit - used - untold))

/** How many requests came in this minute, of many names. Nothing of it is stored. */
export class MinuteCounts {
  #minute = 0
  readonly #used = new Map<string, number>()

  /** @returns how many more the asker may let in */
  take(name: string, request: MinuteRequest): number {
    if (request.minute !== this.#minute) {
      // Of an asker whose clock is behind, the minute is over.
      if (request.minute < this.#minute) return request.wanted
      this.#minute = request.minute
      this.#used.clear()
    }
    const used = this.#used.get(name) ?? 0
    const granted = grantMinute(used, request)
    if (this.#used.size < mostNames || this.#used.has(name)) {
      this.#used.set(name, used + request.untold + granted)
    }
    return granted
  }
}

// Some ten megabytes.
const mostNames = 100_000
