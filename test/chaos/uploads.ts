import { gzipSync } from 'node:zlib'
import { deriveMpid } from '../../worker/inputs/mpid'
import { between, oneOf, type Random } from './random'

/** How a client behaves beside sending until it is told 202. */
export type Habit = 'plain' | 'again' | 'beside' | 'impatient'

export interface PlannedUpload {
  mpid: string
  device: string
  environment: 'production' | 'development'
  /** Of its events, in order; those of screen views end in `s`. */
  events: string[]
  body: Uint8Array
  habit: Habit
  /** Places on the run's own clock; 0 until then. */
  firstSent: number
  acknowledged: number
}

const profiles = 60
const derived = 10
const devices = 3

interface User {
  mpid: string
  identities?: Record<string, string>
}

const makeUsers = (identityKey: string): Promise<User[]> =>
  Promise.all(
    Array.from({ length: profiles }, async (_, i): Promise<User> => {
      if (i >= derived) return { mpid: String(7_000_000_000_000_000_000n + BigInt(i)) }
      const identities = { customer_id: `customer-${i}` }
      return {
        mpid: await deriveMpid(`customer_id:${identities.customer_id}`, identityKey),
        identities,
      }
    })
  )

const habitOf = (random: Random): Habit => {
  const x = random()
  if (x < 0.1) return 'again'
  if (x < 0.15) return 'beside'
  return x < 0.22 ? 'impatient' : 'plain'
}

/** All uploads of a run. Every event has an id of its own in its custom attributes. */
export const planUploads = async (
  count: number,
  { random, identityKey }: { random: Random; identityKey: string }
): Promise<PlannedUpload[]> => {
  const users = await makeUsers(identityKey)
  return Array.from({ length: count }, (_, i) => {
    // One profile is hot.
    const user = random() < 0.15 ? users[0] : oneOf(random, users)
    if (!user) throw new Error('There are no users.')
    return planUpload(i, user, random)
  })
}

const planUpload = (index: number, user: User, random: Random): PlannedUpload => {
  const events = Array.from({ length: between(random, 1, 12) }, (_, i) => {
    const isScreen = random() < 0.15
    return `e${index}-${i}${isScreen ? 's' : ''}`
  })
  const environment = random() < 0.05 ? 'development' : 'production'
  const device = `device-${user.mpid.slice(-6)}-${between(random, 1, devices)}`
  const attributes =
    random() < 0.3 ? { user_attributes: { plan: `p${between(random, 1, 9)}` } } : {}
  const json = JSON.stringify({
    source_request_id: `request-${index}`,
    environment,
    mp_deviceid: device,
    ...(user.identities ? { user_identities: user.identities } : { mpid: user.mpid }),
    ...attributes,
    events: events.map((id) => event(id, random)),
  })
  const body = random() < 0.1 ? gzipSync(json) : Buffer.from(json)
  return {
    mpid: user.mpid,
    device,
    environment,
    events,
    body,
    habit: habitOf(random),
    firstSent: 0,
    acknowledged: 0,
  }
}

const event = (id: string, random: Random) => {
  const data = {
    timestamp_unixtime_ms: Date.now(),
    custom_attributes: { id, filler: 'x'.repeat(between(random, 0, 900)) },
  }
  return id.endsWith('s')
    ? { event_type: 'screen_view', data: { ...data, screen_name: 'home' } }
    : { event_type: 'custom_event', data: { ...data, event_name: id, custom_event_type: 'other' } }
}
