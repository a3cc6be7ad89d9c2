import type { Condition, Health } from './sending/health'
import type { DeadCount } from './store/dead-letters'
import type { Ledger } from './store/ledger'
import type { OutboxStore } from './store/store'

/** The state of an outbox. Times in ms. */
export interface OutboxStatus {
  state: Condition['state'] | 'paused'
  last_error: NonNullable<Health['last_error']> | null
  next_attempt_ms: number | null
  waiting: { deliveries: number; events: number; bytes: number; oldest_ms: number | null }
  delivered: { deliveries: number; requests: number }
  dead_letters: DeadCount
  ledger: Ledger
}

interface Facts {
  store: OutboxStore
  health: Health
  alarmMs: number | null
  isPaused: boolean
}

export const statusOf = ({ store, health, alarmMs, isPaused }: Facts): OutboxStatus => {
  const { deliveries, events, oldest_ms } = store.segments.sums()
  const { condition, last_error } = health
  return {
    state: isPaused ? 'paused' : condition.state,
    last_error: last_error ?? null,
    next_attempt_ms: events + deliveries > 0 ? alarmMs : null,
    waiting: { deliveries, events, bytes: store.segments.bytes, oldest_ms },
    delivered: { deliveries: store.totals.deliveries, requests: store.totals.requests },
    dead_letters: store.dead.count(),
    ledger: store.ledger(),
  }
}
