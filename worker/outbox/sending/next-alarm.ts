import { verificationDueMs } from '../integration/contact'
import type { OutboxStore } from '../store/store'
import type { Condition } from './condition'
import { dueMs } from './due'
import type { Candidate } from './target'

// A paused connection says by itself when it goes on; this is in case it could not.
const pausedLookMs = 3_600_000

interface Facts {
  store: OutboxStore
  condition: Condition
  now: number
}

/** Whether it depends on the connection when an outbox is to wake. */
export const dependsOnConnection = ({ store, condition }: Omit<Facts, 'now'>): boolean =>
  store.segments.bytes > 0 ||
  store.files.list().length > 0 ||
  condition.health.verified_ms !== undefined

/**
 * When an outbox has something to do next, ms; undefined: not by itself.
 *
 * @param candidate the connection, if it delivers
 */
export const nextAlarmMs = (facts: Facts, candidate: Candidate | undefined): number | undefined => {
  const { store, condition, now } = facts
  const { next_ms } = condition.health
  const live = condition.isSuspended ? undefined : candidate
  const paused = now + pausedLookMs
  const times = [
    store.dead.nextExpiryMs(),
    store.files.list().length > 0 ? (live ? next_ms : paused) : undefined,
    store.segments.bytes > 0 ? (live ? waitingMs(facts, live) : paused) : undefined,
    live && contactMs(condition, live),
  ].filter((one) => one !== undefined)
  return times.length === 0 ? undefined : Math.max(now, Math.min(...times))
}

const waitingMs = ({ store, condition, now }: Facts, candidate: Candidate): number => {
  const due = [...store.segments.lanes].map(([lane, state]) => dueMs(candidate, lane, state))
  return Math.max(condition.health.next_ms, Math.min(...due, now + pausedLookMs))
}

const contactMs = ({ health }: Condition, { settings }: Candidate): number | undefined => {
  const { verified_ms, attempts, next_ms } = health
  if (verified_ms === undefined) return undefined
  if (attempts > 0) return next_ms
  const due = verificationDueMs(verified_ms, Number(settings.verification_hours ?? 0))
  return due === undefined ? undefined : Math.max(due, next_ms)
}
