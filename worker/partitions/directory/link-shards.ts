import { type Bindings, objectsOf } from '../../config/deployment'
import { linkShard } from './shards'

type Shard = ReturnType<ReturnType<typeof objectsOf>['DIRECTORY']['getByName']>

const inShards = <T>(
  env: Bindings,
  hashes: string[],
  ask: (shard: Shard, hashes: string[]) => Promise<T>
): Promise<T[]> => {
  const byShard = new Map<string, string[]>()
  for (const hash of hashes) {
    const shard = linkShard(hash)
    byShard.set(shard, [...(byShard.get(shard) ?? []), hash])
  }
  const { DIRECTORY } = objectsOf(env)
  return Promise.all([...byShard].map(([shard, own]) => ask(DIRECTORY.getByName(shard), own)))
}

/** Lets the directory find a profile by some identities' hashes. Repeats cost no row. */
export const link = async (env: Bindings, hashes: string[], mpid: string): Promise<void> => {
  await inShards(env, hashes, (shard, own) => shard.link(own, mpid))
}

export const unlink = async (env: Bindings, hashes: string[], mpid: string): Promise<void> => {
  await inShards(env, hashes, (shard, own) => shard.unlink(own, mpid))
}

/** The mpids of the profiles that some identities' hashes lead to, at most `limit` of each. */
export const linkedMpids = async (
  env: Bindings,
  hashes: string[],
  limit: number
): Promise<string[]> =>
  (await inShards(env, hashes, (shard, own) => shard.linked(own, limit))).flat()
