import { gzipSync } from 'node:zlib'
import { deriveMpid } from '../../worker/dialects/mpid'
import { planSaid, type Said, saidEvents } from './members'
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
  /** What it says for audiences, and the upload of its profile that must be acknowledged first. */
  said?: Said
  after?: PlannedUpload
  /** Places on the run's own clock; 0 until then. */
  firstSent: number
  acknowledged: number
}

const profiles = 60
const derived = 10
const devices = 3
// Beside them: those of whom audiences are told.
const members = 12
const memberShare = 0.35

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
  const last = new Map<string, PlannedUpload>()
  return Array.from({ length: count }, (_, i) => {
    if (random() < memberShare) return planMember(i, last, random)
    // One profile is hot.
    const user = random() < 0.15 ? users[0] : oneOf(random, users)
    if (!user) throw new Error('There are no users.')
    return planUpload(i, user, random)
  })
}

// Uploads that change memberships come one after the other, so that the changes can be foretold.
const planMember = (
  index: number,
  last: Map<string, PlannedUpload>,
  random: Random
): PlannedUpload => {
  const mpid = String(7_100_000_000_000_000_000n + BigInt(between(random, 1, members)))
  const said = planSaid(random)
  const after = last.get(mpid)
  const upload = { ...planUpload(index, { mpid }, random, said), ...(after ? { after } : {}) }
  last.set(mpid, upload)
  return upload
}

const attributesOf = (mpid: string, said: Said | undefined, random: Random): object => {
  if (said) return { who: mpid, ...(said.plan === undefined ? {} : { plan: said.plan }) }
  return random() < 0.3 ? { tier: `p${between(random, 1, 9)}` } : {}
}

const planUpload = (index: number, user: User, random: Random, said?: Said): PlannedUpload => {
  const events = Array.from({ length: between(random, 1, 12) }, (_, i) => {
    const isScreen = random() < 0.15
    return `e${index}-${i}${isScreen ? 's' : ''}`
  })
  const environment = random() < 0.05 ? 'development' : 'production'
  const device = `device-${user.mpid.slice(-6)}-${between(random, 1, devices)}`
  const attributes = attributesOf(user.mpid, said, random)
  const telling = said ? saidEvents(said) : []
  for (const [i] of telling.entries()) events.push(`e${index}-m${i}`)
  const plain = events.length - telling.length
  const json = JSON.stringify({
    source_request_id: `request-${index}`,
    environment,
    mp_deviceid: device,
    ...(user.identities ? { user_identities: user.identities } : { mpid: user.mpid }),
    ...(Object.keys(attributes).length > 0 ? { user_attributes: attributes } : {}),
    events: events.map((id, i) => event(id, random, telling[i - plain])),
  })
  const body = random() < 0.1 ? gzipSync(json) : Buffer.from(json)
  return {
    mpid: user.mpid,
    device,
    environment,
    events,
    body,
    habit: habitOf(random),
    ...(said ? { said } : {}),
    firstSent: 0,
    acknowledged: 0,
  }
}

const event = (id: string, random: Random, more: object = {}) => {
  const data = {
    timestamp_unixtime_ms: Date.now(),
    custom_attributes: { id, filler: 'x'.repeat(between(random, 0, 900)), ...more },
  }
  return id.endsWith('s')
    ? { event_type: 'screen_view', data: { ...data, screen_name: 'home' } }
    : { event_type: 'custom_event', data: { ...data, event_name: id, custom_event_type: 'other' } }
}
