import type { DecodedBatch } from '../../dialects/batch-body'
import { storeWithConsent } from './consent'
import { limitEvents } from './limits'
import { reject } from './reject'
import type { InputRequest } from './request'

/**
 * Stores a batch, and keeps those of its events that are invalid as rejected. Returns once the
 * batch is committed, or once it is clear that it lacks consent and nothing of it may be stored.
 *
 * @param batch redacted already
 * @throws RequestError 429 when the quota of the input is used up
 * @throws when the profile cannot be reached or cannot store
 */
export const acceptBatch = async (request: InputRequest, batch: DecodedBatch): Promise<void> => {
  const { events, problems } = batch.checked
  // First, since the client repeats a request that exceeds the quota: it must be kept once.
  await limitEvents(request, [events.length])
  if (problems.length > 0) {
    reject(request, { problems, payload: batch.text, isRedacted: true })
  }
  await storeWithConsent(request, batch)
}
