import { reasonClass } from '../../base/reason'
import type { Bindings } from '../../config/deployment'
import { writePoint } from '../../metrics/points'
import type { HistoryCounts } from '../store/history'
import type { OutboxStore } from '../store/store'
import type { OutputHealth } from './health'

interface Measuring {
  env: Bindings
  store: OutboxStore
  health: OutputHealth
}

const countsSince = ({ history }: OutboxStore, fromMs: number): HistoryCounts =>
  history.since(fromMs).reduce(
    (sum, bucket) => ({
      delivered: sum.delivered + bucket.delivered,
      requests: sum.requests + bucket.requests,
      failed: sum.failed + bucket.failed,
      dead: sum.dead + bucket.dead,
    }),
    { delivered: 0, requests: 0, failed: 0, dead: 0 }
  )

/** Does the work of a round and, where the deployment has metrics, writes a data point of it. */
export const measured = async (
  { env, store, health }: Measuring,
  connection: string,
  work: () => Promise<void>
): Promise<void> => {
  if (!env.METRICS) return work()
  const started = Date.now()
  const before = countsSince(store, started)
  try {
    await work()
  } finally {
    const after = countsSince(store, started)
    const delivered = after.delivered - before.delivered
    const requests = after.requests - before.requests
    const retried = after.failed - before.failed
    const dead = after.dead - before.dead
    if (delivered + requests + retried + dead > 0) {
      const { condition, last_error } = health.current
      const { oldest_ms } = store.segments.sums()
      writePoint(env, {
        kind: 'round',
        id: connection,
        state: condition.state,
        reason: retried > 0 && last_error ? reasonClass(last_error.reason) : '',
        ...{ delivered, requests, retried, dead },
        lag_ms: oldest_ms === null ? 0 : Math.max(0, Date.now() - oldest_ms),
      })
    }
  }
}
