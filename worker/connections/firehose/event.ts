import { sha256 } from '@noble/hashes/sha2.js'
import type { EventType } from '../../../sdk/firehose/names'
import { toHex, uuidFrom } from '../../base/hash'
import { isObject, type Json, type JsonObject, numberOf, readInt64 } from '../../base/json'
import type { OutboundEvent } from '../outbound'
import { convertFields, type EventFacts } from './event-fields'
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

// A positive integer of at most 53 bits, which every receiver can hold: the beginning of SHA-256 of
// the UUID in upper case.
const sessionNumber = (uuid: string): number => {
  const digits = toHex(sha256(encoder.encode(uuid.toUpperCase())).slice(0, 8))
  return Number(BigInt(`0x${digits}`) >> 11n) || 1
}

/** The client's session id, else a number derived from the session's UUID. */
const sessionId = ({ session_id, session_uuid }: JsonObject): Json | undefined => {
  const id = readInt64(session_id)
  // Clients write 0 for no session.
  if (id !== undefined && id !== '0') return numberOf(id)
  const uuid = textOf(session_uuid)
  return uuid === undefined ? undefined : sessionNumber(uuid)
}

// Receivers read a missing coordinate as 0.
const convertLocation = (value: Json | undefined): JsonObject | undefined => {
  const location = objectOf(value)
  const latitude = decimalOf(location.latitude)
  const longitude = decimalOf(location.longitude)
  if (latitude === undefined || longitude === undefined) return undefined
  return { latitude, longitude, accuracy: decimalOf(location.accuracy) }
}

const customFlags = (value: Json | undefined, module: string): JsonObject | undefined => {
  if (!isObject(value)) return undefined
  const flags = Object.entries(value).filter(([name, flag]) => {
    const end = name.indexOf('.')
    return end >= 0 && name.slice(0, end) === module && flag !== null && flag !== undefined
  })
  if (flags.length === 0) return undefined
  return Object.fromEntries(flags.map(([name, flag]) => [name, anyText(flag ?? null)]))
}

/** Converts an event; undefined when a field is missing that its type requires. */
export const convertEvent = (
  { event: { data }, receivedData }: OutboundEvent,
  type: EventType,
  facts: EventFacts
): JsonObject | undefined => {
  const fields = convertFields[type](data, facts)
  if (!fields) return undefined
  return {
    type,
    id: uuidIn(data.source_message_id) ?? uuidFrom(String(data.event_id)),
    timestamp_ms: int64Of(data.timestamp_unixtime_ms),
    source_id: textOf(data.source_message_id),
    session_id: sessionId(receivedData),
    location: facts.permissions.allow_access_location ? convertLocation(data.location) : undefined,
    ...fields,
    attributes: withAttributes.includes(type) ? textMap(data.custom_attributes) : undefined,
    custom_flags: withFlags.includes(type)
      ? customFlags(data.custom_flags, facts.module)
      : undefined,
  }
}
