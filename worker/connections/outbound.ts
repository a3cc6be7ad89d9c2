import { fnv1a64Decimal, idFrom } from '../base/hash'
import { exactText, isObject, type Json, type JsonObject, readInt64, readMs } from '../base/json'
import {
  type Batch,
  type BatchEvent,
  type EdgeFacts,
  environmentOf,
  eventData,
  identityTypes,
  readIdentities,
} from '../batch'

/** An event as its dialect decoded it. */
export interface PartEvent {
  event: BatchEvent
  /** Its position in the upload. */
  index: number
  /** The flattened record that it was received as, in dialects that have such records. */
  record?: JsonObject
  /** Set for an event that was derived from another: forwarded only where this setting is on. */
  neededSetting?: 'keep_session_attributes'
}

/** An upload of a window, with those of its events that are sent with this window. */
export interface Part {
  batch: Batch
  events: PartEvent[]
  received_ms: number
  /** Random, 16 hex digits: batch and event ids are derived from it. */
  ids: string
  edge: EdgeFacts
  notifications: Json[]
}

/** An event as it is forwarded, with the facts that later steps need. */
export interface OutboundEvent extends Pick<PartEvent, 'record' | 'neededSetting'> {
  event: BatchEvent & { data: JsonObject }
  /** The event's data as received. */
  receivedData: JsonObject
  /** The client's time, ms; undefined when the event has none. */
  client_ms: number | undefined
  /** When its upload was received, ms. */
  received_ms: number
}

/** A merged batch before a connection's settings are applied. */
export interface Outbound {
  fields: JsonObject
  events: OutboundEvent[]
  identities: Record<string, string>
  received_ms: number
  edge: EdgeFacts
  notifications: Json[]
}

const userContent = new Set([
  'custom_attributes',
  'custom_flags',
  'user_attributes',
  'integration_attributes',
  'user_identities',
])
const int64Fields = new Set([
  'mpid',
  'destination_mpid',
  'source_mpid',
  'batch_id',
  'event_id',
  'session_id',
  'previous_mpid',
  'current_mpid',
])

/**
 * Writes int64 fields as decimal strings, as in the S3 output's published example. Attributes and
 * other content that users name themselves stay as received.
 */
export const int64AsText = (value: Json | undefined, name = ''): Json | undefined => {
  if (Array.isArray(value)) return value.map((item) => int64AsText(item) ?? null)
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [
        key,
        userContent.has(key) ? field : int64AsText(field, key),
      ])
    )
  }
  if (!int64Fields.has(name) && !name.endsWith('_unixtime_ms')) return value
  return readInt64(value) ?? value
}

const promotionActions: Record<string, string> = { '0': 'unknown', '1': 'view', '2': 'click' }

// The web SDK sends a promotion's action as a number.
const namedPromotion = (data: JsonObject): JsonObject => {
  const promotion = data.promotion_action
  if (!isObject(promotion) || typeof promotion.action !== 'number') return data
  const action = promotionActions[String(promotion.action)] ?? 'unknown'
  return { ...data, promotion_action: { ...promotion, action } }
}

const outboundEvent = ({ event, index, ...facts }: PartEvent, part: Part): OutboundEvent => {
  const receivedData = eventData(event)
  const converted = int64AsText(namedPromotion(receivedData))
  const data = isObject(converted) ? converted : {}
  const time = readInt64(data.timestamp_unixtime_ms) ?? String(part.received_ms)
  const uuid = exactText(data.session_uuid)
  const session =
    typeof uuid === 'string' && uuid !== '' ? fnv1a64Decimal(uuid) : readInt64(data.session_id)
  return {
    ...facts,
    event: {
      ...event,
      data: {
        ...data,
        timestamp_unixtime_ms: time,
        event_start_unixtime_ms: data.event_start_unixtime_ms ?? time,
        event_id: idFrom(part.ids, index + 1),
        ...(session === undefined ? {} : { session_id: session }),
      },
    },
    receivedData,
    client_ms: readMs(data.timestamp_unixtime_ms),
    received_ms: part.received_ms,
  }
}

const notForwarded = new Set([
  'events',
  'modified',
  'sent_unixtime_ms',
  'api_key',
  'api_keys',
  // Fields that weir generates or merges itself.
  'user_identities',
  'deleted_user_attributes',
  'source_request_id',
  'source_info',
  'system_notifications',
  'message_id',
  'message_type',
  'schema_version',
  'unique_id',
])

const isSet = (value: Json | undefined): value is Json => value !== null && value !== undefined

// Of each field, the value of the newest batch that has it.
const newestFields = (parts: Part[]): JsonObject => {
  const fields = new Map<string, Json>()
  for (const { batch } of parts) {
    for (const [name, value] of Object.entries(batch)) {
      if (isSet(value) && !notForwarded.has(name)) fields.set(name, value)
    }
  }
  return Object.fromEntries(fields)
}

const deletedAttributes = (parts: Part[]): string[] => {
  const deleted = new Set<string>()
  for (const { batch } of parts) {
    if (isObject(batch.user_attributes)) {
      for (const name of Object.keys(batch.user_attributes)) deleted.delete(name)
    }
    if (!Array.isArray(batch.deleted_user_attributes)) continue
    for (const name of batch.deleted_user_attributes) {
      if (typeof name === 'string') deleted.add(name)
    }
  }
  return [...deleted]
}

const newestIdentities = (parts: Part[]): Record<string, string> => {
  const newest = parts.findLast(({ batch: { user_identities: identities } }) => {
    return isObject(identities) || Array.isArray(identities)
  })
  const identities = Object.entries(readIdentities(newest?.batch.user_identities))
  const present = identities.flatMap(([type, identity]): [string, string][] =>
    identity === null ? [] : [[type, identity]]
  )
  const rank = (type: string) => identityTypes.indexOf(type) + 1 || identityTypes.length + 1
  return Object.fromEntries(present.sort(([a], [b]) => rank(a) - rank(b)))
}

const sharedRequestId = (parts: Part[]): Json | undefined => {
  const ids = new Set(parts.map((part) => part.batch.source_request_id))
  const [id] = ids
  return ids.size === 1 && isSet(id) ? id : undefined
}

const withUserAgent = (device: Json | undefined, edge: EdgeFacts): JsonObject | undefined => {
  const known = isObject(device) ? device : undefined
  if (!edge.user_agent || known?.http_header_user_agent) return known
  return { ...known, http_header_user_agent: edge.user_agent }
}

// The only field of `source_info` that is the sender's to set.
const partnerOf = ({ source_info }: Batch): string | undefined => {
  const partner = isObject(source_info) ? exactText(source_info.partner) : undefined
  return typeof partner === 'string' && partner !== '' ? partner : undefined
}

/**
 * Merges the uploads of a window, oldest first, into one batch with all fields that the server
 * generates except the message id.
 */
export const mergeParts = (parts: Part[], mpid: string): Outbound | undefined => {
  const last = parts.at(-1)
  if (!last) return undefined
  const received = newestFields(parts)
  const deleted = deletedAttributes(parts)
  const requestId = sharedRequestId(parts)
  const converted = int64AsText(received)
  const fields = isObject(converted) ? converted : {}
  const device = withUserAgent(fields.device_info, last.edge)
  const partner = partnerOf(last.batch)
  // The edge records the address of browsers and apps. A server sends for a user, whose address
  // may be in the batch.
  const ip = last.edge.ip ?? received.ip
  return {
    fields: {
      ...fields,
      environment: environmentOf(received),
      mpid,
      user_attributes: isObject(received.user_attributes) ? received.user_attributes : {},
      ...(deleted.length > 0 ? { deleted_user_attributes: deleted } : {}),
      ...(requestId === undefined ? {} : { source_request_id: requestId }),
      ...(device ? { device_info: device } : {}),
      ...(isSet(ip) && ip !== '' ? { ip } : {}),
      source_info: {
        channel: last.edge.channel,
        ...(partner === undefined ? {} : { partner }),
        ...(last.edge.is_historical ? { is_historical: true } : {}),
      },
      batch_id: idFrom(parts.length === 1 ? last.ids : mergedIds(parts), 0),
      timestamp_unixtime_ms: String(last.received_ms),
    },
    events: parts.flatMap((part) => part.events.map((event) => outboundEvent(event, part))),
    identities: newestIdentities(parts),
    received_ms: last.received_ms,
    edge: last.edge,
    notifications: parts.flatMap((part) =>
      part.notifications.map((notification) => int64AsText(notification) ?? null)
    ),
  }
}

/**
 * The batch without events that were derived from another event, for connections that cannot turn
 * on the setting that such events need.
 */
export const withoutDerivedEvents = (batch: Outbound): Outbound => ({
  ...batch,
  events: batch.events.filter(({ neededSetting }) => neededSetting === undefined),
})

const mergedIds = (parts: Part[]): string =>
  parts
    .reduce((sum, part) => BigInt.asUintN(64, sum * 31n + BigInt(`0x${part.ids}`)), 1n)
    .toString(16)
    .padStart(16, '0')
