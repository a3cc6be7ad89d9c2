import {
  emptyWorkspace,
  readWorkspaceFile,
  type WorkspaceFile,
} from '../../worker/config/workspace-file'
import type { Deployment } from '../../worker/outputs/deployment'

export const deployment: Deployment = {
  service: { access_key_id: 'AKIDSERVICE', secret_access_key: 'service-secret' },
  allowsCustomEndpoints: false,
  roleBucketPrefix: 'mp-forwarding-',
}

/** A workspace file that is known to be good, with its defaults. */
export const fileOf = (given: object): WorkspaceFile => {
  const { inputs, outputs, connections, audiences, alerts } = given as Partial<WorkspaceFile>
  const read = readWorkspaceFile({ inputs, outputs, connections, audiences, alerts }, deployment)
  if (read.ok) return read.value
  // A mask without its partner cannot be saved, but it can be asked for.
  const only = read.problems.every((one) => one.path.endsWith('.access_key_id'))
  if (!only) throw new Error(JSON.stringify(read.problems))
  return { ...emptyWorkspace(), ...given }
}

/** A file with one thing put in at a path. */
export const putAt = <T extends object>(file: T, path: string, value: unknown): T => {
  const names = path.split('.')
  const last = names.pop() ?? ''
  // biome-ignore lint/suspicious/noExplicitAny: walks whatever the path says
  const parent = names.reduce((at: any, name) => at[name], file)
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return file
}
