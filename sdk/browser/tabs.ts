import type { Store } from './storage'

/** Gives a claim up. */
export type Release = () => void

/**
 * Which page may send which stored batches. Every page keeps its batches under a name of its own and
 * claims that name while it has any; when the page dies, the claim falls free for another page.
 */
export interface Tabs {
  /** Claims this page's own name. */
  hold(owner: string): Release
  /** Claims the name of another page. `undefined` while that page, or one that took over, lives. */
  claim(owner: string): Promise<Release | undefined>
}

const BEAT_MS = 10_000
// Browsers slow the timers of hidden tabs down to one a minute; three missed ones are death.
const SILENT_MS = 180_000

const lockTabs = (locks: LockManager, prefix: string): Tabs => {
  const request = (owner: string, options: LockOptions): Promise<Release | undefined> =>
    new Promise((resolve) => {
      locks
        .request(prefix + owner, options, (lock) =>
          lock ? new Promise<void>((release) => resolve(release)) : resolve(undefined)
        )
        .catch(() => resolve(undefined))
    })
  return {
    hold: (owner) => {
      const held = request(owner, {})
      return () => void held.then((release) => release?.())
    },
    claim: (owner) => request(owner, { ifAvailable: true }),
  }
}

const beatTabs = (store: Store): Tabs => {
  const hold = (owner: string): Release => {
    const name = `alive.${owner}`
    const beat = () => store.set(name, String(Date.now()))
    const timer = setInterval(beat, BEAT_MS)
    beat()
    return () => {
      clearInterval(timer)
      store.remove(name)
    }
  }
  return {
    hold,
    claim: async (owner) =>
      Date.now() - Number(store.get(`alive.${owner}`) ?? 0) > SILENT_MS ? hold(owner) : undefined,
  }
}

/** Web Locks prove a page dead; pages over plain http lack them and tell by a heartbeat. */
export const createTabs = (store: Store, key: string): Tabs =>
  navigator.locks ? lockTabs(navigator.locks, `weir:${key}:`) : beatTabs(store)
