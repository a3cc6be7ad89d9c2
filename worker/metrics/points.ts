import type { Bindings } from '../config/deployment'

/** What happened at once, as one data point of Workers Analytics Engine. */
export interface Point {
  /** upload: of an input. rejected: what an input could not take. round: of an outbox. */
  kind: 'upload' | 'rejected' | 'round'
  /** The id of the input or the connection. */
  id: string
  /** Why events were rejected, or attempts failed: a class, never what somebody sent. */
  reason?: string | undefined
  /** Of the connection. */
  state?: string | undefined
  /** Events, by what became of them. */
  accepted?: number
  rejected?: number
  delivered?: number
  dead?: number
  /** Failed attempts that will be repeated. */
  retried?: number
  /** Requests to the output. */
  requests?: number
  /** The age of what waits longest, ms. */
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

/** Writes a data point where the deployment has a dataset. Nobody waits for it, and it never fails. */
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
    // One too many in a request: what is measured matters less than that it happens.
  }
}
