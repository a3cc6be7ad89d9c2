import { failure, log } from '../../base/log'
import { type Bindings, objectsOf } from '../../config/deployment'
import { makeSnapshot, type StoredWorkspace } from '../../config/snapshot'
import { directoryShards } from '../../partitions/directory/shards'
import { rulesHash, type WalkProgress } from '../../partitions/directory/walk'

/** How many of all profiles were checked against the rules in force. */
export type WholeWalk = WalkProgress & { profiles: number }

const shardsOf = (env: Bindings) =>
  directoryShards().map((shard) => objectsOf(env).DIRECTORY.getByName(shard))

/**
 * Checks all profiles against the saved rules, if rules or audience connections have changed. A
 * shard that does not answer starts by itself later.
 */
export const walkIfChanged = async (
  env: Bindings,
  before: StoredWorkspace,
  saved: StoredWorkspace
): Promise<void> => {
  if (rulesHash(makeSnapshot(before)) === rulesHash(makeSnapshot(saved))) return
  const results = await Promise.allSettled(shardsOf(env).map((shard) => shard.walk(saved.version)))
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (failed.length === 0) return
  const fields = { shards: failed.length, ...failure(failed[0]) }
  log('warn', 'Profiles of some shards will be checked against the new rules later.', fields)
}

/** Progress for the rules of a version. Starts the walk where that failed when they were saved. */
export const wholeWalk = async (env: Bindings, version: number): Promise<WholeWalk> => {
  const parts: WholeWalk[] = await Promise.all(
    shardsOf(env).map((shard) => shard.walkProgress(version))
  )
  return parts.reduce((sum, part) => ({
    walking: sum.walking || part.walking,
    profiles_done: sum.profiles_done + part.profiles_done,
    profiles: sum.profiles + part.profiles,
  }))
}
