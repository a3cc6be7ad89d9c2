import { observeBatch } from '../../audiences/observations'
import { fnv1a64Hex } from '../../base/hash'
import { exactText, type Json } from '../../base/json'
import type { Batch, CheckedBatch } from '../../batch'
import { type Bindings, objectsOf, requireSecret } from '../../config/deployment'
import type { Input } from '../../config/input'
import type { Snapshot } from '../../config/snapshot'
import { mpidOf } from '../../dialects/mpid'
import { redactEdge } from '../../dialects/privacy/address'
import type { ConsentGate } from '../../dialects/privacy/consent'
import { showLive } from '../../live/sampling'
import { writePoint } from '../../metrics/points'
import type { Upload } from '../../profiles/upload'
import { reportSeen } from '../../rates/seen'
import type { InputRequest } from './request'

const randomHex64 = (): string => {
  const words = crypto.getRandomValues(new Uint32Array(2))
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
}

/** The mpid of a batch: the client's own, else derived from the best identity or the device. */
export const mpidOfBatch = async (env: Bindings, batch: Batch): Promise<string> =>
  mpidOf(batch, () => requireSecret(env, 'IDENTITY_KEY'))

/** The hash by which a profile deduplicates a request; undefined when the request has no id. */
export const requestHash = (input: Input, requestId: Json | undefined): string | undefined => {
  const id = exactText(requestId)
  const isSet = (typeof id === 'string' && id !== '') || typeof id === 'number'
  return isSet ? fnv1a64Hex(`${input.id} ${id}`) : undefined
}

/** What the rules of audiences need to know of a batch. */
export const observationsFor = (
  { audiences }: Snapshot,
  checked: CheckedBatch,
  receivedMs: number
): Pick<Upload, 'has_audiences' | 'observations'> =>
  audiences.audiences.length === 0
    ? {}
    : { has_audiences: true, observations: observeBatch(checked, audiences, receivedMs) }

/** An upload but for what every upload has from its request. */
interface NewUpload extends Omit<Upload, 'input' | 'version' | 'ids' | 'edge'> {
  /** The consent that the profile must have; undefined when none is needed. */
  gate?: ConsentGate | undefined
  /** How many events it holds, for the metrics. */
  events?: number
}

/**
 * Has a profile commit an upload.
 *
 * @returns whether the profile has it, from now or from before; false when the consent is missing
 */
export const storeUpload = async (
  { env, snapshot, input, edge, waitUntil }: InputRequest,
  mpid: string,
  { gate, events = 0, ...body }: NewUpload
): Promise<boolean> => {
  const upload: Upload = {
    ...body,
    input: input.id,
    version: snapshot.version,
    ids: randomHex64(),
    edge: redactEdge(input.privacy, edge),
  }
  const profile = objectsOf(env).PROFILE.getByName(mpid)
  const answer = await (gate ? profile.upload(mpid, upload, gate) : profile.upload(mpid, upload))
  if ('stored' in answer) {
    writePoint(env, { kind: 'upload', id: input.id, accepted: events })
    reportSeen({ env, waitUntil, input })
    showLive({ env, waitUntil }, upload, mpid)
  }
  return !('refused' in answer)
}
