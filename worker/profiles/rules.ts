import type { Bindings } from '../config/deployment'
import { workspaceSnapshot } from '../config/snapshot'
import type { Rules } from './triggers'

export interface RulesAt extends Rules {
  /** Of the workspace. */
  version: number
}

/** The rules in force, of that version of the workspace at least. */
export const rulesInForce = async (
  env: Bindings,
  waitUntil: (promise: Promise<unknown>) => void,
  version: number
): Promise<RulesAt> => {
  const snapshot = await workspaceSnapshot(env, waitUntil, version)
  const wanting = snapshot.audienceConnections
    .filter((one) => one.settings.existing_users)
    .map((one) => ({ connection: one.id, audiences: one.audiences }))
  return { set: snapshot.audiences, wanting, version: snapshot.version }
}
