import { readWorkspaceFile, type WorkspaceFile } from '../../worker/config/workspace-file'
import type { Deployment } from '../../worker/outputs/credentials'

export const deployment: Deployment = {
  service: { access_key_id: 'AKIDSERVICE', secret_access_key: 'service-secret' },
  allowsCustomEndpoints: false,
  roleBucketPrefix: 'mp-forwarding-',
}

/** A workspace file that is known to be good, with its defaults. */
export const fileOf = (given: object): WorkspaceFile => {
  const { inputs, outputs, connections, audiences } = given as Partial<WorkspaceFile>
  const read = readWorkspaceFile({ inputs, outputs, connections, audiences }, deployment)
  if (read.ok) return read.value
  // A mask without its partner cannot be saved, but it can be asked for.
  const only = read.problems.every((one) => one.path.endsWith('.access_key_id'))
  if (!only) throw new Error(JSON.stringify(read.problems))
  return { inputs: [], outputs: [], connections: [], audiences: [], ...given } as WorkspaceFile
}
