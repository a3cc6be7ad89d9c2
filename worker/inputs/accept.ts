import type { CheckedBatch, EdgeFacts } from '../batch'
import { type Bindings, objectsOf, requireSecret } from '../config/deployment'
import type { Snapshot } from '../config/snapshot'
import type { Input } from '../config/workspace-file'
import { fnv1a64Hex } from '../hash'
import { stringifyJson } from '../json'
import { describeBatch, type Upload } from '../profiles/upload'
import { mpidOf } from './mpid'

const randomIds = (): string => {
  const words = crypto.getRandomValues(new Uint32Array(2))
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
}

export interface Accepting {
  env: Bindings
  snapshot: Snapshot
  input: Input
  edge: EdgeFacts
}

/**
 * Hands a checked batch to its profile; returns once it is stored there.
 *
 * @param text the batch as it came, which is stored as it is unless events were left out
 * @throws when the profile cannot be reached or cannot store
 */
export const acceptBatch = async (
  { env, snapshot, input, edge }: Accepting,
  checked: CheckedBatch,
  text: string
): Promise<void> => {
  const mpid = await mpidOf(checked.batch, () => requireSecret(env, 'IDENTITY_KEY'))
  const connections = snapshot.connectionsOf(input.id).map((one) => one.settings)
  const requestId = checked.batch.source_request_id
  const upload: Upload = {
    kind: 'batch',
    input: input.id,
    version: snapshot.version,
    received_ms: Date.now(),
    text: checked.problems.length === 0 ? text : stringifyJson(checked.batch),
    ids: randomIds(),
    edge,
    ...(typeof requestId === 'string' && requestId !== ''
      ? { request: fnv1a64Hex(`${input.id} ${requestId}`) }
      : {}),
    ...describeBatch(checked, connections),
  }
  await objectsOf(env).PROFILE.getByName(mpid).upload(mpid, upload)
}
