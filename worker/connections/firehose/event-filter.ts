import type { EventType } from '../../../sdk/firehose/names'
import type { EventRegistration, Registration } from '../../../sdk/firehose/registration'
import { isObject, type Json, type JsonObject, own } from '../../base/json'
import type { OutboundEvent } from '../outbound'
import { convertEvent } from './event'
import type { EventFacts } from './event-fields'
import { firehoseType } from './event-type'

const hourMs = 3_600_000
// For a registration that names none; a negative number is any age.
const defaultAgeHours = 24

// Converting must give the same at every try, so an event's age is that at which it came in.
const isTooOld = (
  one: OutboundEvent,
  { max_data_age_hours: given }: EventRegistration
): boolean => {
  const hours = given ?? defaultAgeHours
  const time = Number(one.event.data.timestamp_unixtime_ms)
  return hours >= 0 && one.received_ms - time > hours * hourMs
}

const parsedPayload = (payload: Json | undefined): unknown => {
  if (typeof payload !== 'string') return payload
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

// A push message is the integration's whose key its payload has.
const isOfProvider = (data: JsonObject, provider: string | undefined): boolean => {
  const payload = parsedPayload(data.push_notification_payload)
  return provider !== undefined && isObject(payload) && own(payload, provider) !== undefined
}

const isPush = (type: EventType): boolean =>
  type === 'push_message_receipt' || type === 'push_message_open'

/** What keeps an event from the integration: a field of its registration. */
const refusedBy = (
  one: OutboundEvent,
  type: EventType,
  { permissions, event_processing_registration: wanted = {} }: Registration
): string | undefined => {
  if (!wanted.supported_event_types?.includes(type)) return 'supported_event_types'
  if (isTooOld(one, wanted)) return 'max_data_age_hours'
  if (type === 'user_attribute_change' && !permissions?.allow_user_attributes) {
    return 'allow_user_attributes'
  }
  if (isPush(type) && !isOfProvider(one.event.data, wanted.push_messaging_provider_id)) {
    return 'push_messaging_provider_id'
  }
  return undefined
}

const unsupported = 'unsupported_event'

const convertOne = (
  one: OutboundEvent,
  registration: Registration,
  facts: EventFacts
): JsonObject | string => {
  const type = firehoseType(one.event)
  if (!type) return unsupported
  const refusal = refusedBy(one, type, registration)
  if (refusal) return refusal
  const lacking = type === 'user_identity_change' ? 'user_identities' : unsupported
  return convertEvent(one, type, facts) ?? lacking
}

export interface ConvertedEvents {
  events: JsonObject[]
  /** Events left out, by what did it. */
  filtered: Record<string, number>
}

/** The events that the integration gets, in their order, and what kept the others from it. */
export const convertEvents = (
  given: OutboundEvent[],
  registration: Registration,
  facts: EventFacts
): ConvertedEvents => {
  const filtered: Record<string, number> = {}
  const events = given.flatMap((one) => {
    const converted = convertOne(one, registration, facts)
    if (typeof converted !== 'string') return [converted]
    filtered[converted] = (filtered[converted] ?? 0) + 1
    return []
  })
  return { events, filtered }
}
