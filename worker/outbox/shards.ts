import { type Bindings, objectsOf } from '../config/deployment'

/** The outboxes of a connection, by the number of their shard. */
export const outboxesOf = (env: Bindings, { id, shards }: { id: string; shards: number }) =>
  Array.from({ length: shards }, (_, shard) => objectsOf(env).OUTBOX.getByName(`${id}/${shard}`))

/** Suspends the other shards of a connection whose output wants nothing more. */
export const suspendOthers = async (
  env: Bindings,
  connection: { id: string; shards?: number },
  suspended: { name: string; reason: string }
): Promise<void> => {
  const { id, shards = 1 } = connection
  await Promise.all(
    outboxesOf(env, { id, shards }).map(async (outbox, shard) => {
      const name = `${id}/${shard}`
      if (name !== suspended.name) await outbox.suspend(name, suspended.reason)
    })
  )
}
