import { requireSecret } from '../config/deployment'
import type { GoodBatch } from '../dialects/events-api/bodies'
import { mpidOf } from '../dialects/mpid'
import { acceptCounted } from './accept'
import type { Accepting } from './accepting'
import { limitEvents } from './admission'

const atOnce = 10

// The batches of one profile in their order.
const byProfile = async (
  { env }: Accepting,
  batches: GoodBatch[]
): Promise<Map<string, GoodBatch[]>> => {
  const profiles = new Map<string, GoodBatch[]>()
  for (const one of batches) {
    const mpid = await mpidOf(one.checked.batch, () => requireSecret(env, 'IDENTITY_KEY'))
    const own = profiles.get(mpid)
    if (own) own.push(one)
    else profiles.set(mpid, [one])
  }
  return profiles
}

/**
 * Stores batches of many profiles, some at once, those of one profile in their order; returns once
 * all are stored.
 *
 * @throws RequestError 429 when not all of them fit into the quota of the input
 * @throws what the first failure was, after all that can be stored is: few clients send again
 */
export const acceptBulk = async (accepting: Accepting, batches: GoodBatch[]): Promise<void> => {
  const sizes = batches.map(({ checked }) => checked.events.length)
  await limitEvents(accepting, sizes)
  const profiles = (await byProfile(accepting, batches)).values()
  const failures: unknown[] = []
  const storeSome = async (): Promise<void> => {
    // All lanes draw from the one iterator.
    for (const own of profiles) {
      try {
        for (const { checked, text } of own) await acceptCounted(accepting, checked, text)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, batches.length) }, storeSome))
  if (failures.length > 0) throw failures[0]
}
