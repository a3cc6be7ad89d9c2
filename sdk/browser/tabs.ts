/*
 * Every page stores its batches under a random name, and holds a lock on that name (by Web Locks)
 * while it lives. When it ends, another page can get the lock, and with it the batches.
 */

/** Releases a lock. */
export type Release = () => void

// A page stores a batch and requests its lock at the same time, but may get the lock later.
const CLAIM_MS = 1000
// Pages over plain http have no Web Locks. There a page counts as ended when it has opened no batch
// for this long. If it has not ended, both pages send the same batch, and the server deduplicates.
const SILENT_MS = 180_000

/**
 * Tries to lock a name for this page.
 *
 * @param ageMs how long ago the owner of the name opened a batch: if too recent, no lock is tried
 * @returns `undefined` when another page holds the lock
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
