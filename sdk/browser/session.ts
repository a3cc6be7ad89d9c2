import type { Store } from './storage'
import { uuid } from './uuid'

export interface Session {
  id: string
  startMs: number
  lastMs: number
}

export interface Sessions {
  /** The session an event of now belongs to, and the one that ended to make room for it, if any. */
  visit(nowMs: number): { session: Session; isNew: boolean; ended?: Session | undefined }
  /** The session, once it has timed out and this page saw its last event; it is then forgotten. */
  expire(nowMs: number): Session | undefined
}

const NAME = 'session'
// How often activity is written down, at most: a write per event would double its cost.
const PRECISION_MS = 1000

export const createSessions = (store: Store, timeoutMs: number): Sessions => {
  let current: Session | undefined

  const read = (): Session | undefined => {
    const [id, start, last] = (store.get(NAME) ?? '').split(' ')
    return id && start && last ? { id, startMs: Number(start), lastMs: Number(last) } : undefined
  }
  // Also true of a record that was tampered with: comparisons with NaN are false.
  const isOver = (session: Session, nowMs: number) => !(nowMs - session.lastMs <= timeoutMs)

  return {
    visit: (nowMs) => {
      if (current && Math.abs(nowMs - current.lastMs) < Math.min(PRECISION_MS, timeoutMs))
        return { session: current, isNew: false }
      const stored = read()
      const isNew = !stored || isOver(stored, nowMs)
      const session = isNew
        ? { id: uuid().toUpperCase(), startMs: nowMs, lastMs: nowMs }
        : { ...stored, lastMs: nowMs }
      current = session
      store.set(NAME, `${session.id} ${session.startMs} ${session.lastMs}`)
      return { session, isNew, ended: isNew ? stored : undefined }
    },
    expire: (nowMs) => {
      const stored = read()
      // Only one of several open tabs may report the end.
      if (!stored || stored.lastMs !== current?.lastMs || !isOver(stored, nowMs)) return undefined
      current = undefined
      // Emptied rather than removed: another tab would fall back on what it remembers.
      store.set(NAME, '')
      return stored
    },
  }
}
