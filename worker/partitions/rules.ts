import type { Bindings } from '../config/deployment'
import { isOfAudiences, workspaceSnapshot } from '../config/snapshot'
import type { Rules } from '../profiles/triggers'

/** The rules in force, of that version of the workspace at least. */
export const rulesInForce = async (
  env: Bindings,
  waitUntil: (promise: Promise<unknown>) => void,
  version: number
): Promise<Rules> => {
  const snapshot = await workspaceSnapshot(env, waitUntil, version)
  const all = [...snapshot.connections.values()]
    .filter(isOfAudiences)
    .filter((one) => one.settings.existing_users)
  const existingUsers = all
    .filter((one) => one.enabled)
    .map((one) => ({ connection: one.id, audiences: one.audiences }))
  const paused = all.filter((one) => !one.enabled).map((one) => one.id)
  return { set: snapshot.audiences, existingUsers, paused, version: snapshot.version }
}
