import type { Episode } from '../../alerts/episode'
import { log } from '../../base/log'
import { reasonClass } from '../../base/reason'
import { type Outcome, waitBeforeRetry } from '../../delivery'
import type { StoredTries } from './poison-deliveries'

/**
 * How the output takes what it gets. `failing`: its owner must act. `suspended`: it wants nothing,
 * or refused all, until somebody resumes the connection.
 */
export interface Health {
  state: 'ok' | 'retrying' | 'failing' | 'suspended'
  /** Failed attempts in a row. */
  attempts: number
  /** Nothing is sent before, ms. */
  next_ms: number
  /** Since when it is not ok, ms. */
  since_ms: number
  last_error?: { at_ms: number; reason: string }
  /** Messages in a row that it will never take. */
  faults?: number
  /** When it was asked last whether it is well, ms; undefined where nobody asks. */
  verified_ms?: number
  /** The deliveries that the output failed on while it took others. */
  tries?: StoredTries
  /** What the workspace's alerts were told, by their ids. */
  alerts?: Record<string, Episode>
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
    ...health,
    state: outcome.ownerMustAct ? 'failing' : 'retrying',
    attempts,
    next_ms: now.ms + waitBeforeRetry(outcome, attempts, now.random),
    since_ms: health.state === 'ok' ? now.ms : health.since_ms,
    last_error: { at_ms: now.ms, reason: outcome.reason },
  }
}

/** Well again; the last error stays to be seen. */
export const afterSuccess = (health: Health): Health =>
  health.state === 'ok' && health.attempts === 0 ? health : { ...health, ...healthy }

const mostFaults = 10

/** What a round of attempts says of the output. */
export const afterOutcomes = (
  health: Health,
  outcomes: Outcome[],
  now: { ms: number; random: number }
): Health => {
  const retry = outcomes.find((one) => one.kind === 'retry')
  // One retry among the outcomes is a reason to wait, for the others were taken care of.
  const isPartial = outcomes.some((one) => one.kind !== 'retry')
  const base = isPartial ? { ...health, attempts: 0 } : health
  const next = retry?.kind === 'retry' ? afterFailure(base, retry, now) : afterSuccess(health)
  const faults = faultsAfter(health.faults ?? 0, outcomes)
  const counted = faults === (health.faults ?? 0) ? next : { ...next, faults }
  const reason = suspension(outcomes, faults)
  if (reason === undefined) return counted
  return { ...counted, state: 'suspended', since_ms: now.ms, last_error: { at_ms: now.ms, reason } }
}

const faultsAfter = (before: number, outcomes: Outcome[]): number =>
  outcomes.reduce((count, one) => {
    if (one.kind === 'delivered') return 0
    return one.kind === 'reject' && one.isFault ? count + 1 : count
  }, before)

const suspension = (outcomes: Outcome[], faults: number): string | undefined => {
  if (outcomes.some((one) => one.kind === 'delivered' && one.suspend)) {
    return 'The integration asked to be sent nothing more.'
  }
  if (faults < mostFaults) return undefined
  const last = outcomes.findLast((one) => one.kind === 'reject')
  return `${faults} messages in a row were refused. The last: ${last?.kind === 'reject' ? last.reason : ''}`
}

/** Says that the state has become another one. */
export const logHealth = (outbox: string | undefined, health: Health): void => {
  const { state, attempts, last_error } = health
  const fields = { outbox, state, attempts, reason: last_error && reasonClass(last_error.reason) }
  if (state === 'ok') log('info', 'The output takes deliveries again.', { outbox })
  else if (state === 'suspended') log('error', 'The connection is suspended.', fields)
  else if (state === 'failing') log('error', 'The output refuses; its owner must act.', fields)
  else log('warn', 'Delivery failed and will be retried.', fields)
}
