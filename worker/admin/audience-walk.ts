import { failure, log } from '../base/log'
import { type Bindings, objectsOf } from '../config/deployment'
import { makeSnapshot, type StoredWorkspace } from '../config/snapshot'
import { directoryShards } from '../partitions/directory/directory'
import { rulesHash, type WalkProgress } from '../partitions/directory/walk'

/** How far all profiles have met the rules in force. */
export type WholeWalk = WalkProgress & { profiles: number }

const shardsOf = (env: Bindings) =>
  directoryShards().map((shard) => objectsOf(env).DIRECTORY.getByName(shard))

/**
 * Lets all profiles meet what was saved, when it has other rules or audience connections than what
 * was stored before. A shard that does not answer begins by itself later.
 */
export const walkIfChanged = async (
  env: Bindings,
  before: StoredWorkspace,
  saved: StoredWorkspace
): Promise<void> => {
  if (rulesHash(makeSnapshot(before)) === rulesHash(makeSnapshot(saved))) return
  const begun = await Promise.allSettled(shardsOf(env).map((shard) => shard.walk(saved.version)))
  const failed = begun.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (failed.length === 0) return
  const fields = { shards: failed.length, ...failure(failed[0]) }
  log('warn', 'Profiles of some shards will meet the new rules later.', fields)
}

/** Of the rules of that version. Whoever looks begins a walk that could not begin when it was saved. */
export const wholeWalk = async (env: Bindings, version: number): Promise<WholeWalk> => {
  const parts: WholeWalk[] = await Promise.all(
    shardsOf(env).map((shard) => shard.walkProgress(version))
  )
  return parts.reduce((sum, one) => ({
    walking: sum.walking || one.walking,
    profiles_done: sum.profiles_done + one.profiles_done,
    profiles: sum.profiles + one.profiles,
  }))
}
