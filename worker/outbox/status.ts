import type { Condition } from './sending/condition'
import type { Health } from './sending/health'
import type { DeadCount } from './store/dead-letters'
import type { Ledger } from './store/ledger'
import type { OutboxStore } from './store/store'

/** How an outbox is. Times in ms. */
export interface OutboxStatus {
  state: Health['state'] | 'paused'
  last_error: Health['last_error'] | null
  next_attempt_ms: number | null
  waiting: { deliveries: number; events: number; bytes: number; oldest_ms: number | null }
  delivered: { deliveries: number; requests: number }
  dead_letters: DeadCount
  ledger: Ledger
}

interface Facts {
  store: OutboxStore
  condition: Condition
  alarmMs: number | null
  isPaused: boolean
}

export const statusOf = ({ store, condition, alarmMs, isPaused }: Facts): OutboxStatus => {
  const { deliveries, events, oldest_ms } = store.segments.sums()
  const { health } = condition
  return {
    state: isPaused ? 'paused' : health.state,
    last_error: health.last_error ?? null,
    next_attempt_ms: events + deliveries > 0 ? alarmMs : null,
    waiting: { deliveries, events, bytes: store.segments.bytes, oldest_ms },
    delivered: { deliveries: store.totals.deliveries, requests: store.totals.requests },
    dead_letters: store.dead.count(),
    ledger: store.ledger(),
  }
}
