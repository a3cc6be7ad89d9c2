import type { Bindings } from '../config/deployment'

/** A data point of Workers Analytics Engine. */
export interface Point {
  /**
   * upload: a stored upload. rejected: rejected events. round: one round of an outbox's deliveries.
   */
  kind: 'upload' | 'rejected' | 'round'
  /** The id of the input or the connection. */
  id: string
  /** Why events were rejected or attempts failed: a code or a class, never a client's text. */
  reason?: string | undefined
  /** The state of the connection. */
  state?: string | undefined
  /** Counts of events. */
  accepted?: number
  rejected?: number
  delivered?: number
  dead?: number
  /** Failed attempts that will be repeated. */
  retried?: number
  /** Requests to the output. */
  requests?: number
  /** The age of the oldest waiting delivery, ms. */
  lag_ms?: number
}

/** The columns of a data point, `double1` first. */
export const doubles = [
  'accepted',
  'rejected',
  'delivered',
  'retried',
  'dead',
  'lag_ms',
  'requests',
] as const

/** Writes a data point if the deployment has a dataset. Never fails. */
export const writePoint = ({ METRICS }: Pick<Bindings, 'METRICS'>, point: Point): void => {
  if (!METRICS) return
  const { kind, id, reason = '', state = '' } = point
  try {
    METRICS.writeDataPoint({
      indexes: [id],
      blobs: [kind, id, reason, state],
      doubles: doubles.map((name) => point[name] ?? 0),
    })
  } catch {
    // A request may write only so many. Losing one must not fail what is measured.
  }
}
