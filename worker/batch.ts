import { fnv1a64Hex } from './base/hash'
import { exactText, isObject, type Json, type JsonObject, readInt64 } from './base/json'
import { type Problem, problem } from './base/problem'

/**
 * The batch, after mParticle's: a user's events on one device, with what is known of both.
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

/** An event: its type and its data. */
export interface BatchEvent extends JsonObject {
  event_type: string
  data?: Json
}

export type Environment = 'production' | 'development'

/** What only the edge knows of an upload. */
export interface EdgeFacts {
  /** `javascript`, `native`, `server_to_server`, or what a platform says that sends for others. */
  channel: string
  /** The client's address, when the client is a user's device. */
  ip?: string
  user_agent?: string
  is_historical?: boolean
  /** A location looked up by address, in the form of `context.location`. */
  location?: JsonObject
}

/** Identity types in the order in which they are listed and tried (mParticle's names). */
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

// The Node SDK and the Identity API spell these without underscores.
const identityAliases: Record<string, string> = {
  customerid: 'customer_id',
  facebookcustomaudienceid: 'facebook_custom_audience_id',
  ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => [`other${n}`, `other_id_${n}`])),
}

export const identityType = (name: string): string =>
  Object.hasOwn(identityAliases, name) ? (identityAliases[name] ?? name) : name

// An object by type as clients send them, or a list as outputs have them.
const identityEntries = (value: Json | undefined): [string, Json | undefined][] => {
  if (!Array.isArray(value)) return isObject(value) ? Object.entries(value) : []
  return value.flatMap((one): [string, Json | undefined][] =>
    isObject(one) && typeof one.identity_type === 'string'
      ? [[one.identity_type, one.identity]]
      : []
  )
}

/** The identities of a batch by type; `null` and '' mean removed. Numbers become strings. */
export const readIdentities = (value: Json | undefined): Record<string, string | null> => {
  const identities = new Map<string, string | null>()
  for (const [name, given] of identityEntries(value)) {
    const identity = typeof given === 'number' ? String(given) : exactText(given)
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

const keyChars = 64

/** A name as a key: itself, or its hash when somebody made it long. */
export const keyOf = (name: string): string =>
  name.length <= keyChars ? name : `${fnv1a64Hex(name)}${fnv1a64Hex(`${name}#`)}`

/** A key of the session that an event belongs to, or undefined. */
export const sessionOf = (event: BatchEvent): string | undefined => {
  const { session_uuid: given, session_id: id } = eventData(event)
  const uuid = exactText(given)
  return typeof uuid === 'string' && uuid !== '' ? keyOf(uuid) : readInt64(id)
}

export interface CheckedBatch {
  batch: Batch
  events: BatchEvent[]
  /** One problem per event that was left out; the path names it. */
  problems: Problem[]
  /** Consents that changed, as a platform tells it that knew the user before. */
  notifications?: Json[]
}

/**
 * Reads a parsed body as a batch. Events that are not events are left out, each with a problem;
 * nothing else is refused. Undefined when the value is not a batch at all.
 */
export const checkBatch = (value: Json): CheckedBatch | undefined => {
  if (!isObject(value)) return undefined
  const given = value.events
  if (given === undefined || given === null) return { batch: value, events: [], problems: [] }
  if (!Array.isArray(given)) {
    const { events: _, ...batch } = value
    return { batch, events: [], problems: [problem('invalid', 'events', 'events must be a list.')] }
  }
  if (given.every(isEvent)) return { batch: value, events: given, problems: [] }
  const problems = given.flatMap((event, i) => (isEvent(event) ? [] : eventProblem(event, i)))
  const events = given.filter(isEvent)
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
