import type { LiveSample } from '../dialects/sample'

/** What somebody wants to see; what is left out may be anything. */
export interface LiveFilter {
  input?: string
  /** An event type; see `LiveSample`. */
  type?: string
  mpid?: string
}

/** That somebody watches, and what. */
export interface Watched {
  until_ms: number
  /** Of all who watch. */
  filters: LiveFilter[]
}

export const isWanted = (
  { input, mpid, type }: LiveFilter,
  one: Pick<LiveSample, 'input' | 'mpid'> & { type?: string }
): boolean =>
  (input === undefined || input === one.input) &&
  (mpid === undefined || mpid === one.mpid) &&
  (type === undefined || one.type === undefined || type === one.type)

// Of this isolate: it learns it with the workspace, which it reads anew every ten seconds.
let current: Watched | undefined

/** Takes what was read with the workspace: undefined when nobody watches. */
export const noteWatched = (watched: Watched | undefined): void => {
  current = watched
}

/** Who watches now. */
export const watchedAt = (nowMs: number): Watched | undefined => {
  if (current && current.until_ms <= nowMs) current = undefined
  return current
}
