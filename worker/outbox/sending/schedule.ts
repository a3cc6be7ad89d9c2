/**
 * When does the next request leave? When the alarm of the outbox runs, at the earliest of:
 *
 * | What there is | Output is ok | retrying, failing | suspended, or connection paused |
 * |---|---|---|---|
 * | a planned file | now | when the backoff ends | in an hour, as a fallback |
 * | deliveries in a lane | when its kind says (`OutputKind.dueMs`) | the same, after the backoff | in an hour |
 * | an integration to contact | when its verification is due | when the backoff ends | never |
 * | a forced retry (`Outbox.wake`) | now | now | now, but a suspended one sends nothing; not if paused |
 * | dead letters | when the oldest expires | the same | the same |
 * | alerts (`Alerting.dueMs`) | when one is due | the same | the same |
 * | an alarm that failed | in 30 s | the same | the same |
 *
 * The backoff is `waitBeforeRetry`, stored as `next_ms` of the condition (`health.ts`). Nothing else
 * delays a request: the drain asks here, too, whether a lane is due.
 */

import { outputKinds } from '../../outputs'
import type { WaitingLane } from '../../outputs/target'
import type { OutboxStore } from '../store/store'
import type { Condition, Health } from './health'
import type { Candidate } from './target'

// Resuming wakes the outbox; this is in case that call was lost.
const fallbackMs = 3_600_000
/** How long after an alarm that failed the next one goes off. */
export const afterFaultMs = 30_000

export interface Waiting {
  store: OutboxStore
  health: Health
}

/** Whether the outbox has deliveries to send. A planned file is written even if it got empty. */
export const isHolding = ({ segments, files }: OutboxStore): boolean =>
  segments.bytes > 0 || files.list().length > 0

/** Whether the connection must be known to tell when the next request leaves. */
export const dependsOnConnection = ({ store, health }: Waiting): boolean =>
  isHolding(store) || health.verified_ms !== undefined

/** When what waits in a lane is due, backoff aside, ms; 0: now. */
export const laneDueMs = (candidate: Candidate, lane: WaitingLane): number => {
  const { output, settings, isOfAudiences } = candidate
  const { registration } = output
  return outputKinds[output.kind].dueMs(lane, { settings, isOfAudiences, registration })
}

/** When an integration is to be verified, backoff aside, ms; undefined: never. */
export const verificationDueMs = (
  { verified_ms }: Health,
  { output, settings }: Candidate
): number | undefined =>
  verified_ms === undefined
    ? undefined
    : outputKinds[output.kind].integration?.verificationDueMs(verified_ms, settings)

// The end of the backoff, ms; 0: there is none.
const backoffMs = (condition: Condition): number => ('next_ms' in condition ? condition.next_ms : 0)

/** Whether requests may be sent now, if any are due. */
export const mayAttempt = ({ condition }: Health, nowMs: number): boolean =>
  condition.state !== 'suspended' && backoffMs(condition) <= nowMs

const lanesDueMs = ({ store, health }: Waiting, candidate: Candidate, nowMs: number): number => {
  const due = [...store.segments.lanes.values()].map((lane) => laneDueMs(candidate, lane))
  return Math.max(backoffMs(health.condition), Math.min(...due, nowMs + fallbackMs))
}

const contactDueMs = (health: Health, candidate: Candidate): number | undefined => {
  if (health.verified_ms === undefined) return undefined
  const backoff = backoffMs(health.condition)
  if (health.condition.state !== 'ok') return backoff
  const due = verificationDueMs(health, candidate)
  return due === undefined ? undefined : Math.max(due, backoff)
}

/**
 * When the outbox has something to do next, alerts aside, ms; undefined: nothing.
 *
 * @param candidate the connection; undefined while it is paused or gone
 */
export const nextAlarmMs = (
  waiting: Waiting,
  candidate: Candidate | undefined,
  { nowMs, isForced }: { nowMs: number; isForced: boolean }
): number | undefined => {
  if (isForced && candidate && dependsOnConnection(waiting)) return nowMs
  const { store, health } = waiting
  const live = health.condition.state === 'suspended' ? undefined : candidate
  const fallback = nowMs + fallbackMs
  const times = [
    store.dead.nextExpiryMs(),
    store.files.list().length > 0 ? (live ? backoffMs(health.condition) : fallback) : undefined,
    store.segments.bytes > 0 ? (live ? lanesDueMs(waiting, live, nowMs) : fallback) : undefined,
    live && contactDueMs(health, live),
  ].filter((ms) => ms !== undefined)
  return times.length === 0 ? undefined : Math.max(nowMs, Math.min(...times))
}
