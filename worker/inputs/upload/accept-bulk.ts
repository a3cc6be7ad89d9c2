import { requireSecret } from '../../config/deployment'
import type { DecodedBatch } from '../../dialects/batch-body'
import { mpidOf } from '../../dialects/mpid'
import { storeWithConsent } from './consent'
import { limitEvents } from './limits'
import type { InputRequest } from './request'

const maxConcurrent = 10

const groupByMpid = async (
  { env }: InputRequest,
  batches: DecodedBatch[]
): Promise<Map<string, DecodedBatch[]>> => {
  const groups = new Map<string, DecodedBatch[]>()
  for (const batch of batches) {
    const mpid = await mpidOf(batch.checked.batch, () => requireSecret(env, 'IDENTITY_KEY'))
    const group = groups.get(mpid)
    if (group) group.push(batch)
    else groups.set(mpid, [batch])
  }
  return groups
}

/**
 * Stores the batches of many profiles: ten profiles at a time, the batches of one profile in their
 * order. Returns once all are committed.
 *
 * @throws RequestError 429 when not all of them fit into the quota of the input
 * @throws the first failure, after all other profiles were stored: few clients send again
 */
export const acceptBulk = async (request: InputRequest, batches: DecodedBatch[]): Promise<void> => {
  await limitEvents(
    request,
    batches.map(({ checked }) => checked.events.length)
  )
  const groups = (await groupByMpid(request, batches)).values()
  const failures: unknown[] = []
  const work = async (): Promise<void> => {
    // All workers draw from the same iterator.
    for (const group of groups) {
      try {
        for (const batch of group) await storeWithConsent(request, batch)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(maxConcurrent, batches.length) }, work))
  if (failures.length > 0) throw failures[0]
}
