import type { EventType } from '../../../sdk/firehose/names'
import type { EventRegistration, Registration } from '../../../sdk/firehose/registration'
import { isObject, type Json, type JsonObject, own } from '../../base/json'
import type { OutboundEvent } from '../outbound'
import { convertEvent } from './event'
import type { EventFacts } from './event-fields'
import { firehoseType } from './event-type'

const hourMs = 3_600_000
// For registrations without a maximum age; a negative maximum means any age.
const defaultAgeHours = 24

// The age at receipt, not now: each attempt must convert a batch to the same message.
const isTooOld = (
  { event, received_ms }: OutboundEvent,
  { max_data_age_hours: hours = defaultAgeHours }: EventRegistration
): boolean => {
  const timeMs = Number(event.data.timestamp_unixtime_ms)
  return hours >= 0 && received_ms - timeMs > hours * hourMs
}

const parsedPayload = (payload: Json | undefined): unknown => {
  if (typeof payload !== 'string') return payload
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

// The payload of a push message has a key of the provider that sent it.
const isOfProvider = (data: JsonObject, provider: string | undefined): boolean => {
  const payload = parsedPayload(data.push_notification_payload)
  return provider !== undefined && isObject(payload) && own(payload, provider) !== undefined
}

const isPush = (type: EventType): boolean =>
  type === 'push_message_receipt' || type === 'push_message_open'

/** The field of the registration that filters an event; undefined when it is sent. */
const eventFilter = (
  outbound: OutboundEvent,
  type: EventType,
  { permissions, event_processing_registration: events = {} }: Registration
): string | undefined => {
  if (!events.supported_event_types?.includes(type)) return 'supported_event_types'
  if (isTooOld(outbound, events)) return 'max_data_age_hours'
  if (type === 'user_attribute_change' && !permissions?.allow_user_attributes) {
    return 'allow_user_attributes'
  }
  if (isPush(type) && !isOfProvider(outbound.event.data, events.push_messaging_provider_id)) {
    return 'push_messaging_provider_id'
  }
  return undefined
}

const unsupported = 'unsupported_event'

/** The converted event, or what filtered it. */
const convertOrFilter = (
  outbound: OutboundEvent,
  registration: Registration,
  facts: EventFacts
): JsonObject | string => {
  const type = firehoseType(outbound.event)
  if (!type) return unsupported
  const filter = eventFilter(outbound, type, registration)
  if (filter) return filter
  const missing = type === 'user_identity_change' ? 'user_identities' : unsupported
  return convertEvent(outbound, type, facts) ?? missing
}

export interface ConvertedEvents {
  events: JsonObject[]
  /** How many events were filtered, by what filtered them. */
  filtered: Record<string, number>
}

/** The events for the integration, in their order, and how many were filtered. */
export const convertEvents = (
  outbound: OutboundEvent[],
  registration: Registration,
  facts: EventFacts
): ConvertedEvents => {
  const filtered: Record<string, number> = {}
  const events = outbound.flatMap((event) => {
    const converted = convertOrFilter(event, registration, facts)
    if (typeof converted !== 'string') return [converted]
    filtered[converted] = (filtered[converted] ?? 0) + 1
    return []
  })
  return { events, filtered }
}
