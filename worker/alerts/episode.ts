import type { Alert } from './alert'

export type Trouble = 'failing' | 'lagging'

/** What alerts depend on, of one outbox at one time. */
export interface Facts {
  /** Since when deliveries to its output fail, ms. */
  failing_since_ms?: number | undefined
  /** Since when the oldest waiting delivery has been due, ms. */
  late_since_ms?: number | undefined
}

/** Something to be posted once to the receiver of an alert. */
export interface Notification {
  /** The same with each attempt. */
  id: string
  type: 'connection_failing' | 'connection_lagging' | 'connection_recovered'
  at_ms: number
  since_ms: number
}

/**
 * From the first trouble that is reported until there is none. Each trouble is reported once in an
 * episode, and its end once.
 */
export interface Episode {
  /** The reported troubles, and since when there were, ms. */
  reported: Partial<Record<Trouble, number>>
  /** Not delivered yet, oldest first. */
  notifications: Notification[]
  /** Failed attempts of the first notification in a row. */
  attempts: number
  /** The end of the backoff, ms. */
  next_ms: number
}

export const noEpisode: Episode = { reported: {}, notifications: [], attempts: 0, next_ms: 0 }

const minuteMs = 60_000
const mostNotifications = 20
const retentionMs = 24 * 3_600_000

type Limits = Pick<Alert, 'failing_minutes' | 'lag_minutes'>

interface Evaluation {
  facts: Facts
  limits: Limits
  nowMs: number
}

const limitMs = (trouble: Trouble, { failing_minutes, lag_minutes }: Limits): number =>
  (trouble === 'failing' ? failing_minutes : lag_minutes) * minuteMs

const sinceMs = (trouble: Trouble, facts: Facts): number | undefined =>
  trouble === 'failing' ? facts.failing_since_ms : facts.late_since_ms

const troubles: Trouble[] = ['failing', 'lagging']

// A backlog that hovers at the limit must not begin and end an episode again and again.
const isOver = (trouble: Trouble, { facts, limits, nowMs }: Evaluation): boolean => {
  const since = sinceMs(trouble, facts)
  if (since === undefined) return true
  return trouble === 'lagging' && nowMs - since < limitMs(trouble, limits) / 2
}

const isReached = (trouble: Trouble, { facts, limits, nowMs }: Evaluation): boolean => {
  const since = sinceMs(trouble, facts)
  return since !== undefined && nowMs - since >= limitMs(trouble, limits)
}

/**
 * The episode with notifications of what began or ended.
 *
 * @param newId makes the ids of notifications
 */
export const evaluate = (
  episode: Episode,
  evaluation: Evaluation,
  newId: () => string
): Episode => {
  const { facts, nowMs } = evaluation
  const fresh = troubles.filter(
    (trouble) => episode.reported[trouble] === undefined && isReached(trouble, evaluation)
  )
  const reported = { ...episode.reported }
  for (const trouble of fresh) reported[trouble] = sinceMs(trouble, facts) ?? nowMs
  const notifications = fresh.map(
    (trouble): Notification => ({
      id: newId(),
      type: `connection_${trouble}`,
      at_ms: nowMs,
      since_ms: reported[trouble] ?? nowMs,
    })
  )
  const begun = Object.values(reported)
  const hasEnded = begun.length > 0 && troubles.every((trouble) => isOver(trouble, evaluation))
  if (!hasEnded) {
    return notifications.length === 0 ? episode : append({ ...episode, reported }, notifications)
  }
  const end: Notification = {
    id: newId(),
    type: 'connection_recovered',
    at_ms: nowMs,
    since_ms: Math.min(...begun),
  }
  return append({ ...episode, reported: {} }, [...notifications, end])
}

const append = (episode: Episode, more: Notification[]): Episode => ({
  ...episode,
  notifications: [...episode.notifications, ...more].slice(-mostNotifications),
})

/** When an alert is to be evaluated or posted next, ms; undefined: not before something changes. */
export const nextEvaluationMs = (
  { reported, notifications, next_ms }: Episode,
  facts: Facts,
  limits: Limits
): number | undefined => {
  const times = troubles.flatMap((trouble) => {
    const since = sinceMs(trouble, facts)
    if (since === undefined || reported[trouble] !== undefined) return []
    return [since + limitMs(trouble, limits)]
  })
  if (notifications.length > 0) times.push(next_ms)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Drops the notifications that could not be delivered within a day. */
export const withoutExpired = (episode: Episode, nowMs: number): Episode => {
  const notifications = episode.notifications.filter(({ at_ms }) => at_ms > nowMs - retentionMs)
  return notifications.length === episode.notifications.length
    ? episode
    : { ...episode, notifications }
}

/** An attempt to post the first notification begins. Unless it is delivered, the next is after `waitMs`. */
export const withAttempt = (episode: Episode, nowMs: number, waitMs: number): Episode => ({
  ...episode,
  attempts: episode.attempts + 1,
  next_ms: nowMs + waitMs,
})

/** Removes a notification that was delivered. */
export const withoutDelivered = (episode: Episode, id: string): Episode => ({
  ...episode,
  notifications: episode.notifications.filter((notification) => notification.id !== id),
  attempts: 0,
  next_ms: 0,
})

/** Whether nothing of it needs to be stored. */
export const isEmptyEpisode = ({ reported, notifications }: Episode): boolean =>
  notifications.length === 0 && Object.keys(reported).length === 0
