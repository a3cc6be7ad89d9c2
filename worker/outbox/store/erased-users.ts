import type { HandOff } from '../../delivery'

/** A user whose deliveries are to be deleted, and when the profile was erased by its own clock, ms. */
export interface ErasedUser {
  mpid: string
  at_ms: number
}

// Longer than a profile waits for an answer.
const rememberedMs = 600_000

/**
 * Users who were erased just now, so that hand-offs that were under way at that time are recognized.
 * When the object dies, calls that are under way to it fail, so memory is enough.
 */
export class ErasedUsers {
  readonly #atMs = new Map<string, number>()

  add(users: ErasedUser[], nowMs: number): void {
    for (const [mpid, at_ms] of this.#atMs)
      if (at_ms < nowMs - rememberedMs) this.#atMs.delete(mpid)
    for (const { mpid, at_ms } of users) this.#atMs.set(mpid, at_ms)
  }

  /** The users who were erased since a time, ms. */
  mpidsSince(ms: number | undefined): string[] {
    if (ms === undefined) return []
    return [...this.#atMs].flatMap(([mpid, at_ms]) => (at_ms >= ms ? mpid : []))
  }

  /** Whether a hand-off began before its user was erased. Later ones are of a user who came back. */
  had({ deliveries, since_ms }: HandOff): boolean {
    const [first] = deliveries
    return first !== undefined && since_ms < (this.#atMs.get(first.mpid) ?? 0)
  }
}
