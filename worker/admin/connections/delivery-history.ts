import { Hono } from 'hono'
import type { Bindings } from '../../config/deployment'
import type { Connection } from '../../config/workspace-file'
import { outboxesOf } from '../../outbox/shards'
import { historyBucketMs, historyMs, mergeHistories } from '../../outbox/store/history'
import type { DeliveryHistory } from '../answers/connections'

type FindConnection = (env: Bindings, id: string) => Promise<Connection>

/** What a connection did in the last 24 hours. */
export const historyRoutes = (findConnection: FindConnection) => {
  const routes = new Hono<{ Bindings: Bindings }>()

  routes.get('/connections/:id/history', async ({ env, req, json }) => {
    const connection = await findConnection(env, req.param('id'))
    const now = Date.now()
    const histories = await Promise.all(
      outboxesOf(env, connection).map((outbox) => outbox.history())
    )
    return json<DeliveryHistory>({
      id: connection.id,
      from_ms: now - historyMs,
      to_ms: now,
      bucket_ms: historyBucketMs,
      buckets: mergeHistories(histories),
    })
  })

  return routes
}
