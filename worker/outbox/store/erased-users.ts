import type { HandOff } from '../../delivery'

/** A user whose deliveries shall go, and when the profile was erased by its own clock, ms. */
export interface ErasedUser {
  mpid: string
  at_ms: number
}

// Longer than a profile waits for an answer.
const keptMs = 600_000

/**
 * Users who were erased just now, so that a hand-off of theirs that is still on its way is known as
 * one. An object that dies ends what was on its way to it, so memory is enough.
 */
export class ErasedUsers {
  readonly #atMs = new Map<string, number>()

  add(users: ErasedUser[], nowMs: number): void {
    for (const [mpid, at_ms] of this.#atMs) if (at_ms < nowMs - keptMs) this.#atMs.delete(mpid)
    for (const { mpid, at_ms } of users) this.#atMs.set(mpid, at_ms)
  }

  /** Who was erased after a time, ms. */
  mpidsSince(ms: number | undefined): string[] {
    if (ms === undefined) return []
    return [...this.#atMs].flatMap(([mpid, at_ms]) => (at_ms >= ms ? mpid : []))
  }

  /** Whether a hand-off began before its user was erased; one who came back begins anew. */
  had({ deliveries, since_ms }: HandOff): boolean {
    const [first] = deliveries
    return first !== undefined && since_ms < (this.#atMs.get(first.mpid) ?? 0)
  }
}
