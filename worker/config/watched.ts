import type { LiveSample } from '../dialects/sample'

/** The events that a live view shows. A field that is left out matches every event. */
export interface LiveFilter {
  input?: string
  /** An event type; see `LiveSample`. */
  type?: string
  mpid?: string
}

/** The live views that are open. */
export interface Watched {
  until_ms: number
  /** One for each view. */
  filters: LiveFilter[]
}

export const isWanted = (
  { input, mpid, type }: LiveFilter,
  event: Pick<LiveSample, 'input' | 'mpid'> & { type?: string }
): boolean =>
  (input === undefined || input === event.input) &&
  (mpid === undefined || mpid === event.mpid) &&
  (type === undefined || event.type === undefined || type === event.type)

// A cache of this isolate, updated with the workspace every ten seconds.
let current: Watched | undefined

/** Updates the cache with what was read with the workspace: undefined when no view is open. */
export const cacheWatched = (watched: Watched | undefined): void => {
  current = watched
}

/** The live views that are open now. */
export const watchedAt = (nowMs: number): Watched | undefined => {
  if (current && current.until_ms <= nowMs) current = undefined
  return current
}
