import type { Alert } from './alert'

export type Trouble = 'failing' | 'lagging'

/** What alerts go by, of one outbox at one time. */
export interface Facts {
  /** Since when its output does not take what it gets, ms. */
  failing_since_ms?: number | undefined
  /** Since when the oldest of what waits could have been delivered, ms. */
  late_since_ms?: number | undefined
}

/** Something that an alert's receiver is to be told once. */
export interface Notice {
  /** The same with each try. */
  id: string
  type: 'connection_failing' | 'connection_lagging' | 'connection_recovered'
  at_ms: number
  since_ms: number
}

/**
 * From the first trouble that is told until there is none. Each trouble is told once in an episode,
 * and its end once.
 */
export interface Episode {
  /** Since when there was what has been told, ms. */
  told: Partial<Record<Trouble, number>>
  /** Not taken yet by the receiver, oldest first. */
  notices: Notice[]
  /** Failed tries of the first notice in a row. */
  attempts: number
  /** No notice is posted before, ms. */
  next_ms: number
}

export const noEpisode: Episode = { told: {}, notices: [], attempts: 0, next_ms: 0 }

const minuteMs = 60_000
const keptNotices = 20
const keptMs = 24 * 3_600_000

type Limits = Pick<Alert, 'failing_minutes' | 'lag_minutes'>

const limitMs = (trouble: Trouble, { failing_minutes, lag_minutes }: Limits): number =>
  (trouble === 'failing' ? failing_minutes : lag_minutes) * minuteMs

const sinceMs = (trouble: Trouble, facts: Facts): number | undefined =>
  trouble === 'failing' ? facts.failing_since_ms : facts.late_since_ms

const troubles: Trouble[] = ['failing', 'lagging']

// A backlog that hovers at the limit must not end and begin an episode again and again.
const isLeft = (trouble: Trouble, { facts, limits, now }: Looking): boolean => {
  const since = sinceMs(trouble, facts)
  if (since === undefined) return true
  return trouble === 'lagging' && now - since < limitMs(trouble, limits) / 2
}

const isReached = (trouble: Trouble, { facts, limits, now }: Looking): boolean => {
  const since = sinceMs(trouble, facts)
  return since !== undefined && now - since >= limitMs(trouble, limits)
}

interface Looking {
  facts: Facts
  limits: Limits
  now: number
}

/** @param newId gives each notice a name of its own */
export const afterLook = (episode: Episode, looking: Looking, newId: () => string): Episode => {
  const { facts, now } = looking
  const fresh = troubles.filter((one) => episode.told[one] === undefined && isReached(one, looking))
  const told = { ...episode.told }
  for (const one of fresh) told[one] = sinceMs(one, facts) ?? now
  const notices = fresh.map(
    (one): Notice => ({
      id: newId(),
      type: `connection_${one}`,
      at_ms: now,
      since_ms: told[one] ?? now,
    })
  )
  const begun = Object.values(told)
  const isOver = begun.length > 0 && troubles.every((one) => isLeft(one, looking))
  if (!isOver) return notices.length === 0 ? episode : withNotices({ ...episode, told }, notices)
  const end: Notice = {
    id: newId(),
    type: 'connection_recovered',
    at_ms: now,
    since_ms: Math.min(...begun),
  }
  return withNotices({ ...episode, told: {} }, [...notices, end])
}

const withNotices = (episode: Episode, more: Notice[]): Episode => ({
  ...episode,
  notices: [...episode.notices, ...more].slice(-keptNotices),
})

/** When an outbox is to look again for an alert's sake, ms; undefined: not by itself. */
export const lookDueMs = (
  { told, notices, next_ms }: Episode,
  facts: Facts,
  limits: Limits
): number | undefined => {
  const times = troubles.flatMap((one) => {
    const since = sinceMs(one, facts)
    return since === undefined || told[one] !== undefined ? [] : [since + limitMs(one, limits)]
  })
  if (notices.length > 0) times.push(next_ms)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Without the notices that nobody took within a day. */
export const withoutOld = (episode: Episode, now: number): Episode => {
  const notices = episode.notices.filter(({ at_ms }) => at_ms > now - keptMs)
  return notices.length === episode.notices.length ? episode : { ...episode, notices }
}

/** A try of the first notice begins; unless it is taken, there is no other for `waitMs`. */
export const begunTry = (episode: Episode, now: number, waitMs: number): Episode => ({
  ...episode,
  attempts: episode.attempts + 1,
  next_ms: now + waitMs,
})

export const withoutNotice = (episode: Episode, id: string): Episode => ({
  ...episode,
  notices: episode.notices.filter((one) => one.id !== id),
  attempts: 0,
  next_ms: 0,
})

/** Whether there is nothing to remember. */
export const isNothing = ({ told, notices }: Episode): boolean =>
  notices.length === 0 && Object.keys(told).length === 0
