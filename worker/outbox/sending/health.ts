import type { Episode } from '../../alerts/episode'
import { log } from '../../base/log'
import { reasonClass } from '../../base/reason'
import { type Outcome, waitBeforeRetry } from '../../delivery'
import type { OutboxStore } from '../store/store'
import type { StoredFailures } from './poison-deliveries'

/** How the output takes deliveries. */
export type Condition =
  | { state: 'ok' }
  | {
      /** `failing`: its owner must act. */
      state: 'retrying' | 'failing'
      /** Failed attempts in a row. */
      attempts: number
      /** The end of the backoff, ms; 0: an attempt may begin at once. */
      next_ms: number
      since_ms: number
    }
  /** It asked for nothing more, or refused everything: nothing is sent until an admin resumes it. */
  | { state: 'suspended'; since_ms: number }

/** What an outbox knows of its output, and what its alerts have reported, as it is stored. */
export interface Health {
  condition: Condition
  last_error?: { at_ms: number; reason: string }
  /** Refused messages in a row. */
  faults?: number
  /** When an integration last answered a verification, ms; missing for other outputs. */
  verified_ms?: number
  /** The deliveries that failed while others were delivered; missing while there are none. */
  poison?: StoredFailures
  /** What the workspace's alerts have reported, by their ids. */
  alerts?: Record<string, Episode>
}

const isHealth = (value: unknown): value is Health =>
  typeof value === 'object' && value !== null && 'condition' in value

const attemptsOf = (condition: Condition): number =>
  'attempts' in condition ? condition.attempts : 0

const ok: Condition = { state: 'ok' }

const mostFaults = 10

interface Moment {
  ms: number
  random: number
}

const afterFailure = (
  before: Condition,
  outcome: Outcome & { kind: 'retry' },
  { isPartial, now }: { isPartial: boolean; now: Moment }
): Condition => {
  const attempts = (isPartial ? 0 : attemptsOf(before)) + 1
  return {
    state: outcome.ownerMustAct ? 'failing' : 'retrying',
    attempts,
    next_ms: now.ms + waitBeforeRetry(outcome, attempts, now.random),
    since_ms: before.state === 'ok' ? now.ms : before.since_ms,
  }
}

/** The health after attempts that were made together. */
export const afterOutcomes = (health: Health, outcomes: Outcome[], now: Moment): Health => {
  const faults = faultsAfter(health.faults ?? 0, outcomes)
  const counted: Health = faults === (health.faults ?? 0) ? health : { ...health, faults }
  const reason = suspensionReason(outcomes, faults)
  if (reason !== undefined) return suspended(counted, reason, now.ms)
  // Another shard was suspended while these attempts were under way.
  if (health.condition.state === 'suspended') return counted
  const retry = outcomes.find((outcome) => outcome.kind === 'retry')
  if (!retry) return counted.condition.state === 'ok' ? counted : { ...counted, condition: ok }
  // One failure is enough to wait. The backoff begins anew, since the output took the others.
  const isPartial = outcomes.some((outcome) => outcome.kind !== 'retry')
  return {
    ...counted,
    condition: afterFailure(health.condition, retry, { isPartial, now }),
    last_error: { at_ms: now.ms, reason: retry.reason },
  }
}

const faultsAfter = (before: number, outcomes: Outcome[]): number =>
  outcomes.reduce((count, outcome) => {
    if (outcome.kind === 'delivered') return 0
    return outcome.kind === 'reject' && outcome.isFault ? count + 1 : count
  }, before)

const suspensionReason = (outcomes: Outcome[], faults: number): string | undefined => {
  if (outcomes.some((outcome) => outcome.kind === 'delivered' && outcome.suspend)) {
    return 'The integration asked to be sent nothing more.'
  }
  if (faults < mostFaults) return undefined
  const last = outcomes.findLast((outcome) => outcome.kind === 'reject')
  return `${faults} messages in a row were refused. The last: ${last?.reason ?? ''}`
}

const suspended = (health: Health, reason: string, nowMs: number): Health => ({
  ...health,
  condition: { state: 'suspended', since_ms: nowMs },
  last_error: { at_ms: nowMs, reason },
})

const logCondition = (outbox: string | undefined, { condition, last_error }: Health): void => {
  const { state } = condition
  const reason = last_error && reasonClass(last_error.reason)
  const fields = { outbox, state, attempts: attemptsOf(condition), reason }
  if (state === 'ok') log('info', 'The output takes deliveries again.', { outbox })
  else if (state === 'suspended') log('error', 'The connection is suspended.', fields)
  else if (state === 'failing') log('error', 'The output refuses; its owner must act.', fields)
  else log('warn', 'Delivery failed and will be retried.', fields)
}

/** The health of an outbox's output, in memory and in its row. */
export class OutputHealth {
  #current: Health

  constructor(
    private readonly store: OutboxStore,
    private readonly outbox: () => string | undefined
  ) {
    const stored = store.health()
    this.#current = isHealth(stored) ? stored : { condition: ok }
  }

  get current(): Health {
    return this.#current
  }

  get isSuspended(): boolean {
    return this.#current.condition.state === 'suspended'
  }

  /** Failed attempts in a row. */
  get attempts(): number {
    return attemptsOf(this.#current.condition)
  }

  /** Stores what attempts showed, and which deliveries keep failing. */
  record(outcomes: Outcome[], poison = this.#current.poison): void {
    const { poison: known, ...rest } = this.#current
    const before = poison === known ? this.#current : { ...rest, ...(poison ? { poison } : {}) }
    const now = Date.now()
    const failed = outcomes.filter((outcome) => outcome.kind === 'retry').length
    this.store.history.note(now, { failed })
    this.#save(afterOutcomes(before, outcomes, { ms: now, random: Math.random() }))
    if (this.#current.condition.state !== rest.condition.state) {
      logCondition(this.outbox(), this.#current)
    }
  }

  endBackoff(): void {
    const { condition } = this.#current
    if (!('next_ms' in condition) || condition.next_ms === 0) return
    this.#save({ ...this.#current, condition: { ...condition, next_ms: 0 } })
  }

  setVerified(nowMs: number): void {
    this.#save({ ...this.#current, verified_ms: nowMs })
  }

  /** Stores what alerts have reported; undefined: nothing. */
  saveAlerts(alerts: Health['alerts']): void {
    const { alerts: before, ...health } = this.#current
    if (JSON.stringify(before) === JSON.stringify(alerts)) return
    this.#save(alerts ? { ...health, alerts } : health)
  }

  /** Stops sending because another shard of the connection was suspended. */
  suspend(reason: string): void {
    if (!this.isSuspended) this.#save(suspended(this.#current, reason, Date.now()))
  }

  resume(): void {
    this.#save({ ...this.#current, condition: ok, faults: 0 })
    logCondition(this.outbox(), this.#current)
  }

  #save(health: Health): void {
    if (health === this.#current) return
    this.#current = health
    this.store.saveHealth(health)
  }
}
