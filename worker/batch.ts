import { fnv1a64Hex } from './base/hash'
import { exactText, isObject, type Json, type JsonObject, omit, readInt64 } from './base/json'
import { type Problem, problem } from './base/problem'

/**
 * The batch, in mParticle's format: a user's events on one device, with facts of user and device.
 * Only the fields that weir reads are named; every other field passes through untouched.
 */
export interface Batch extends JsonObject {
  events?: Json
  environment?: Json
  mpid?: Json
  source_request_id?: Json
  user_identities?: Json
  user_attributes?: Json
  deleted_user_attributes?: Json
  device_info?: Json
  application_info?: Json
  consent_state?: Json
  context?: Json
  ip?: Json
  mp_deviceid?: Json
}

/** One event of a batch. */
export interface BatchEvent extends JsonObject {
  event_type: string
  data?: Json
}

export type Environment = 'production' | 'development'

/** The facts of an upload that are not in its body. */
export interface EdgeFacts {
  /**
   * `javascript`, `native`, `server_to_server`, or the channel that mParticle's Firehose states.
   */
  channel: string
  /** The client's address, when the client is a user's device. */
  ip?: string
  user_agent?: string
  is_historical?: boolean
  /** The location of the address, in the format of `context.location`. */
  location?: JsonObject
}

/** Identity types by mParticle's names. The first one that a user has decides the mpid. */
export const identityTypes = [
  'customer_id',
  'email',
  'other',
  'other_id_2',
  'other_id_3',
  'other_id_4',
  'other_id_5',
  'other_id_6',
  'other_id_7',
  'other_id_8',
  'other_id_9',
  'other_id_10',
  'mobile_number',
  'phone_number_2',
  'phone_number_3',
  'facebook',
  'facebook_custom_audience_id',
  'twitter',
  'google',
  'microsoft',
  'yahoo',
  'alias',
]

// As the Node SDK and the Identity API spell them.
const identityAliases: Record<string, string> = {
  customerid: 'customer_id',
  facebookcustomaudienceid: 'facebook_custom_audience_id',
  ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => [`other${n}`, `other_id_${n}`])),
}

export const identityType = (name: string): string =>
  Object.hasOwn(identityAliases, name) ? (identityAliases[name] ?? name) : name

// Clients send an object by type; batches that go out have a list.
const identityEntries = (value: Json | undefined): [string, Json | undefined][] => {
  if (!Array.isArray(value)) return isObject(value) ? Object.entries(value) : []
  return value.flatMap((entry): [string, Json | undefined][] =>
    isObject(entry) && typeof entry.identity_type === 'string'
      ? [[entry.identity_type, entry.identity]]
      : []
  )
}

/** The identities of a batch by type; null for one that the user no longer has. */
export const readIdentities = (value: Json | undefined): Record<string, string | null> => {
  const identities = new Map<string, string | null>()
  for (const [name, entry] of identityEntries(value)) {
    const identity = typeof entry === 'number' ? String(entry) : exactText(entry)
    if (typeof identity === 'string') identities.set(identityType(name), identity || null)
    else if (identity === null) identities.set(identityType(name), null)
  }
  return Object.fromEntries(identities)
}

export const isEvent = (value: Json | undefined): value is BatchEvent =>
  isObject(value) && typeof value.event_type === 'string' && value.event_type !== ''

export const eventData = (event: BatchEvent): JsonObject => (isObject(event.data) ? event.data : {})

export const environmentOf = (batch: Batch): Environment =>
  batch.environment === 'development' ? 'development' : 'production'

export const isAndroid = ({ device_info: device }: Batch): boolean =>
  isObject(device) &&
  typeof device.platform === 'string' &&
  device.platform.toLowerCase() === 'android'

const maxKeyChars = 64

/** A name as a key of bounded length: the name itself, or its hash when it is long. */
export const keyOf = (name: string): string =>
  name.length <= maxKeyChars ? name : `${fnv1a64Hex(name)}${fnv1a64Hex(`${name}#`)}`

/** A key of the session to which an event belongs; undefined when it has none. */
export const sessionOf = (event: BatchEvent): string | undefined => {
  const { session_uuid, session_id } = eventData(event)
  const uuid = exactText(session_uuid)
  return typeof uuid === 'string' && uuid !== '' ? keyOf(uuid) : readInt64(session_id)
}

/** A batch whose invalid events were removed. */
export interface CheckedBatch {
  batch: Batch
  /** The events of `batch`. */
  events: BatchEvent[]
  /** One per removed event, with its path. */
  problems: Problem[]
  /** Consent changes that mParticle's Firehose reports, which knows the earlier state. */
  notifications?: Json[]
}

/**
 * Reads a parsed body as a batch. Invalid events are removed, each with a problem; all other fields
 * pass unchecked. Undefined when the value is not a JSON object.
 */
export const checkBatch = (value: Json): CheckedBatch | undefined => {
  if (!isObject(value)) return undefined
  const list = value.events
  if (list === undefined || list === null) return { batch: value, events: [], problems: [] }
  if (!Array.isArray(list)) {
    const invalid = problem('invalid', 'events', 'events must be a list.')
    return { batch: omit(value, ['events']), events: [], problems: [invalid] }
  }
  if (list.every(isEvent)) return { batch: value, events: list, problems: [] }
  const problems = list.flatMap((event, i) => (isEvent(event) ? [] : eventProblem(event, i)))
  const events = list.filter(isEvent)
  return { batch: { ...value, events }, events, problems }
}

const eventProblem = (event: Json, index: number): Problem =>
  isObject(event)
    ? problem(
        'required',
        `events.${index}.event_type`,
        'Required event field "event_type" is missing or empty.'
      )
    : problem('invalid', `events.${index}`, 'An event must be an object.')
