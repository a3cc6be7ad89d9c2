import { sha256 } from '@noble/hashes/sha2.js'
import type { EventType } from '../../../sdk/firehose/names'
import { toHex, uuidFrom } from '../../base/hash'
import { isObject, type Json, type JsonObject, numberOf, readInt64 } from '../../base/json'
import type { OutboundEvent } from '../outbound'
import { type EventFacts, ownFields } from './event-fields'
import { anyText, decimalOf, int64Of, objectOf, textMap, textOf, uuidIn } from './values'

const withFlags: EventType[] = [
  'custom_event',
  'screen_view',
  'product_action',
  'promotion_action',
  'impression',
]
const withAttributes: EventType[] = [...withFlags, 'error', 'attribution']

const encoder = new TextEncoder()

// A positive integer that every receiver can hold, of SHA-256 of the UUID in upper case.
const sessionNumber = (uuid: string): number => {
  const digits = toHex(sha256(encoder.encode(uuid.toUpperCase())).slice(0, 8))
  return Number(BigInt(`0x${digits}`) >> 11n) || 1
}

/** The session's number as the client gave it, else one derived from its UUID. */
const sessionId = ({ session_id, session_uuid }: JsonObject): Json | undefined => {
  const given = readInt64(session_id)
  // 0 is how clients write that there is no session.
  if (given !== undefined && given !== '0') return numberOf(given)
  const uuid = textOf(session_uuid)
  return uuid === undefined ? undefined : sessionNumber(uuid)
}

// Without both coordinates receivers would read 0, 0.
const location = (value: Json | undefined): JsonObject | undefined => {
  const given = objectOf(value)
  const latitude = decimalOf(given.latitude)
  const longitude = decimalOf(given.longitude)
  if (latitude === undefined || longitude === undefined) return undefined
  return { latitude, longitude, accuracy: decimalOf(given.accuracy) }
}

const customFlags = (value: Json | undefined, module: string): JsonObject | undefined => {
  if (!isObject(value)) return undefined
  const own = Object.entries(value).filter(([name, flag]) => {
    const end = name.indexOf('.')
    return end >= 0 && name.slice(0, end) === module && flag !== null && flag !== undefined
  })
  if (own.length === 0) return undefined
  return Object.fromEntries(own.map(([name, flag]) => [name, anyText(flag ?? null)]))
}

/** An event in the protocol's form; undefined when it lacks what its type needs. */
export const convertEvent = (
  { event: { data }, given }: OutboundEvent,
  type: EventType,
  facts: EventFacts
): JsonObject | undefined => {
  const fields = ownFields[type](data, facts)
  if (!fields) return undefined
  return {
    type,
    id: uuidIn(data.source_message_id) ?? uuidFrom(String(data.event_id)),
    timestamp_ms: int64Of(data.timestamp_unixtime_ms),
    source_id: textOf(data.source_message_id),
    session_id: sessionId(given),
    location: facts.permissions.allow_access_location ? location(data.location) : undefined,
    ...fields,
    attributes: withAttributes.includes(type) ? textMap(data.custom_attributes) : undefined,
    custom_flags: withFlags.includes(type)
      ? customFlags(data.custom_flags, facts.module)
      : undefined,
  }
}
