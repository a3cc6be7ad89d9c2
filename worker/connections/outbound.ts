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

/** An event as its input understood it. */
export interface PartEvent {
  event: BatchEvent
  /** Its place in the upload. */
  index: number
  /** The flattened record that it came as, with some dialects. */
  record?: JsonObject
  /** A setting without which it is not forwarded. */
  neededSetting?: 'keep_session_attributes'
}

/** A stored upload, or the share of one that belongs to a window. */
export interface Part {
  batch: Batch
  /** The events to send. */
  events: PartEvent[]
  received_ms: number
  /** Random, 16 hex digits: batch and event ids derive from it. */
  ids: string
  edge: EdgeFacts
  notifications: Json[]
}

/** An event as it goes out, with what later steps ask of it. */
export interface OutboundEvent extends Pick<PartEvent, 'record' | 'neededSetting'> {
  event: BatchEvent & { data: JsonObject }
  /** The event's data as it came in. */
  given: JsonObject
  /** The client's time, ms; undefined when it gave none. */
  client_ms: number | undefined
  /** When the upload came in that it was in, ms. */
  received_ms: number
}

/** One batch on its way out, before a connection's settings are applied. */
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
 * Int64 fields as decimal strings, as in the S3 output's published example. What users name and
 * fill themselves stays as it came.
 */
export const int64AsText = (value: Json | undefined, name = ''): Json | undefined => {
  if (Array.isArray(value)) return value.map((one) => int64AsText(one) ?? null)
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        userContent.has(key) ? one : int64AsText(one, key),
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

const outboundEvent = ({ event, index, ...beside }: PartEvent, part: Part): OutboundEvent => {
  const given = eventData(event)
  const data = int64AsText(namedPromotion(given))
  const known = isObject(data) ? data : {}
  const time = readInt64(known.timestamp_unixtime_ms) ?? String(part.received_ms)
  const uuid = exactText(known.session_uuid)
  const session =
    typeof uuid === 'string' && uuid !== '' ? fnv1a64Decimal(uuid) : readInt64(known.session_id)
  return {
    ...beside,
    event: {
      ...event,
      data: {
        ...known,
        timestamp_unixtime_ms: time,
        event_start_unixtime_ms: known.event_start_unixtime_ms ?? time,
        event_id: idFrom(part.ids, index + 1),
        ...(session === undefined ? {} : { session_id: session }),
      },
    },
    given,
    client_ms: readMs(known.timestamp_unixtime_ms),
    received_ms: part.received_ms,
  }
}

const notForwarded = new Set([
  'events',
  'modified',
  'sent_unixtime_ms',
  'api_key',
  'api_keys',
  // What weir makes or merges itself.
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

// Of each field, the newest batch that had it wins.
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
  const newest = parts.findLast(({ batch }) => {
    const given = batch.user_identities
    return isObject(given) || Array.isArray(given)
  })
  const given = Object.entries(readIdentities(newest?.batch.user_identities))
  const set = given.flatMap(([type, identity]): [string, string][] =>
    identity === null ? [] : [[type, identity]]
  )
  const place = (type: string) => identityTypes.indexOf(type) + 1 || identityTypes.length + 1
  return Object.fromEntries(set.sort(([a], [b]) => place(a) - place(b)))
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

// All else of a source is what the server saw.
const partnerOf = ({ source_info }: Batch): string | undefined => {
  const partner = isObject(source_info) ? exactText(source_info.partner) : undefined
  return typeof partner === 'string' && partner !== '' ? partner : undefined
}

/**
 * Merges the uploads of a window, oldest first, into one outbound batch with all server-made
 * fields but the message id.
 */
export const mergeParts = (parts: Part[], mpid: string): Outbound | undefined => {
  const last = parts.at(-1)
  if (!last) return undefined
  const given = newestFields(parts)
  const deleted = deletedAttributes(parts)
  const requestId = sharedRequestId(parts)
  const read = int64AsText(given)
  const fields = isObject(read) ? read : {}
  const device = withUserAgent(fields.device_info, last.edge)
  const partner = partnerOf(last.batch)
  // A browser's address is what the edge saw; a server speaks for somebody else and may say whom.
  const ip = last.edge.ip ?? given.ip
  return {
    fields: {
      ...fields,
      environment: environmentOf(given),
      mpid,
      user_attributes: isObject(given.user_attributes) ? given.user_attributes : {},
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
    events: parts.flatMap((part) => part.events.map((one) => outboundEvent(one, part))),
    identities: newestIdentities(parts),
    received_ms: last.received_ms,
    edge: last.edge,
    notifications: parts.flatMap((part) =>
      part.notifications.map((one) => int64AsText(one) ?? null)
    ),
  }
}

const mergedIds = (parts: Part[]): string =>
  parts
    .reduce((sum, part) => BigInt.asUintN(64, sum * 31n + BigInt(`0x${part.ids}`)), 1n)
    .toString(16)
    .padStart(16, '0')
