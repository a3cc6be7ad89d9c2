import { stringifyJson } from '../../base/json'
import type { DecodedBatch } from '../../dialects/batch-body'
import { correctBatchClock } from '../../dialects/clock'
import type { ConsentGate } from '../../dialects/privacy/consent'
import { describeBatch } from '../../profiles/upload'
import type { InputRequest } from './request'
import { mpidOfBatch, observationsFor, requestHash, storeUpload } from './store'

/**
 * Stores a batch with its profile: times corrected by the sender's clock skew, and the text as it
 * was sent unless something in it changed.
 *
 * @param batch.gate the consent that the profile must have for it
 * @returns whether it was stored; false when the consent is missing
 */
export const storeBatch = async (
  request: InputRequest,
  { checked: decoded, text, gate }: DecodedBatch & { gate?: ConsentGate }
): Promise<boolean> => {
  const { env, snapshot, input } = request
  const received_ms = Date.now()
  const checked = correctBatchClock(decoded, received_ms)
  const { batch, events, problems, notifications } = checked
  const isUnchanged = checked === decoded && problems.length === 0
  const settings = snapshot.connectionsOf(input.id).map((connection) => connection.settings)
  return storeUpload(request, await mpidOfBatch(env, batch), {
    kind: 'batch',
    events: events.length,
    text: isUnchanged ? text : stringifyJson(batch),
    received_ms,
    request: requestHash(input, batch.source_request_id),
    ...describeBatch(checked, settings),
    ...observationsFor(snapshot, checked, received_ms),
    ...(notifications?.length ? { notifications: stringifyJson(notifications) } : {}),
    gate,
  })
}
