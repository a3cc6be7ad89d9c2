import { type Outcome, waitBeforeRetry } from '../delivery'
import { log } from '../log'

/** How the output takes what it gets. `failing`: its owner must act. */
export interface Health {
  state: 'ok' | 'retrying' | 'failing'
  /** Failed attempts in a row. */
  attempts: number
  /** Nothing is sent before, ms. */
  next_ms: number
  /** Since when it is not ok, ms. */
  since_ms: number
  last_error?: { at_ms: number; reason: string }
}

export const healthy: Health = { state: 'ok', attempts: 0, next_ms: 0, since_ms: 0 }

export const isHealth = (value: unknown): value is Health =>
  typeof value === 'object' && value !== null && 'attempts' in value

export const afterFailure = (
  health: Health,
  outcome: Outcome & { kind: 'retry' },
  now: { ms: number; random: number }
): Health => {
  const attempts = health.attempts + 1
  return {
    state: outcome.ownerMustAct ? 'failing' : 'retrying',
    attempts,
    next_ms: now.ms + waitBeforeRetry(outcome, attempts, now.random),
    since_ms: health.state === 'ok' ? now.ms : health.since_ms,
    last_error: { at_ms: now.ms, reason: outcome.reason },
  }
}

/** Well again; the last error stays to be seen. */
export const afterSuccess = (health: Health): Health =>
  health.state === 'ok' && health.attempts === 0
    ? health
    : { ...healthy, ...(health.last_error ? { last_error: health.last_error } : {}) }

/** Says that the state has become another one. */
export const logHealth = (outbox: string | undefined, health: Health): void => {
  const { state, attempts, last_error } = health
  const fields = { outbox, state, attempts, reason: last_error?.reason }
  if (state === 'ok') log('info', 'The output takes deliveries again.', { outbox })
  else if (state === 'failing') log('error', 'The output refuses; its owner must act.', fields)
  else log('warn', 'Delivery failed and will be retried.', fields)
}
