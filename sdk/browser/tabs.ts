/*
 * Every page keeps its batches under a name of its own and claims that name as long as it lives; when
 * it dies, the claim falls free for another page.
 */

/** Gives a claim up. */
export type Release = () => void

// A page stores a batch and claims its name in one go, but the claim can arrive later.
const CLAIM_MS = 1000
// Without Web Locks, which pages over plain http lack, a page is taken for dead when it has opened no
// batch for long. Should it live after all, both send the same, and the server drops the repeat.
const SILENT_MS = 180_000

/**
 * Claims a name for this page.
 *
 * @param ageMs how long ago its owner opened a batch: too short a time for a claim, by default never
 * @returns `undefined` while another page holds it
 */
export const claim = (name: string, ageMs = Infinity): Promise<Release | undefined> =>
  new Promise((resolve) => {
    const { locks } = navigator
    if (ageMs < (locks ? CLAIM_MS : SILENT_MS)) return resolve(undefined)
    if (!locks) return resolve(() => {})
    locks
      .request(name, { ifAvailable: true }, (lock) =>
        lock ? new Promise<void>(resolve) : resolve(undefined)
      )
      .catch(() => resolve(undefined))
  })
