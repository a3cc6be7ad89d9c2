import { type Bindings, objectsOf } from '../config/deployment'
import type { Condition } from './sending/condition'
import type { Candidate } from './sending/target'

/** The outboxes of a connection, by the number of their shard. */
export const outboxesOf = (env: Bindings, { id, shards }: { id: string; shards: number }) =>
  Array.from({ length: shards }, (_, shard) => objectsOf(env).OUTBOX.getByName(`${id}/${shard}`))

/** What an integration asks of one shard, it asks of the connection. */
export const suspendOthers = async (
  env: Bindings,
  own: string,
  of: { candidate: Candidate | undefined; condition: Condition }
): Promise<void> => {
  const { id = '', shards = 1 } = of.candidate ?? {}
  const reason = of.condition.health.last_error?.reason ?? ''
  await Promise.all(
    outboxesOf(env, { id, shards }).map(async (outbox, shard) => {
      const name = `${id}/${shard}`
      if (name !== own) await outbox.suspend(name, reason)
    })
  )
}
