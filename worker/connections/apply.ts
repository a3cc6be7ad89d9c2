import { uuidFrom } from '../base/hash'
import { isObject, type Json, type JsonObject, omit, stringifyJson } from '../base/json'
import { isAndroid, sessionOf } from '../batch'
import { type Delivery, queueLane } from '../delivery'
import type { Applied, ApplyContext, EventGroup } from './context'
import { filterEvents } from './filters'
import { appName, dateFolder } from './folders'
import { contextOf, withoutLocation } from './location'
import { type Outbound, type OutboundEvent, withoutDerivedEvents } from './outbound'
import { recordDeliveries, sendsRecords } from './records/deliveries'
import type { ConnectionSettings } from './settings'
import { byteLength, lineBytes, splitIndividually, splitMessage } from './split'

/**
 * Applies a connection's settings to a merged batch: filters its events, removes fields, and makes
 * the deliveries. Pure: the same arguments give the same deliveries with the same ids. The steps
 * follow the order of the settings document.
 */
export const apply = (
  merged: Outbound,
  settings: ConnectionSettings,
  context: ApplyContext
): Applied => {
  const batch = sendsRecords(settings) ? withoutDerivedEvents(merged) : merged
  const accepted = batch.events.length
  if (batch.edge.is_historical && !settings.include_historical) {
    return { deliveries: [], accepted, filtered: accepted ? { include_historical: accepted } : {} }
  }
  const { events: passed, filtered } = filterEvents(batch.events, settings)
  const fields = fieldsToSend(batch, passed, settings)
  const events = settings.include_location ? passed : passed.map(withoutLocation)
  if (sendsRecords(settings)) {
    const deliveries = deliverRecords({ batch, fields, events, settings, context, id: context.id })
    return { deliveries, accepted, filtered }
  }
  if (events.length === 0 && !settings.send_batches_without_events) {
    return { deliveries: [], accepted, filtered }
  }
  const groups =
    settings.send_as_batch || events.length === 0
      ? [events]
      : splitIndividually(events, byteLength(stringifyJson(fields)))
  // Wait for Complete Batch sends a whole session in one message, whatever Send as Batch says.
  const messages = settings.wait_for_complete_batch && isSessionBatch(batch) ? [events] : groups
  return {
    deliveries: messages.flatMap((group, i) =>
      toDeliveries({ batch, fields, events: group, settings, context, id: `${context.id}-${i}` })
    ),
    accepted,
    filtered,
  }
}

const deliverRecords = (group: MessageGroup): Delivery[] => {
  const deliveries = recordDeliveries(group)
  if (deliveries) return deliveries
  const unsendable = 'The records of these events are too large together.'
  return toDeliveries(group).map((delivery) => ({ ...delivery, unsendable }))
}

// Each Android session has its own window, so one event with a session means that all have it.
const isSessionBatch = ({ fields, events }: Outbound): boolean =>
  isAndroid(fields) && events.some(({ event }) => sessionOf(event) !== undefined)

const metadata = ['application_info', 'device_info', 'source_info']

// The fields of the batch that the settings let through, without its events.
const fieldsToSend = (
  batch: Outbound,
  events: OutboundEvent[],
  settings: ConnectionSettings
): JsonObject => {
  const removed = [
    'context',
    ...(settings.include_metadata ? [] : metadata),
    ...(settings.metadata_field_exclusion.includes('ip_address') ? ['ip'] : []),
    ...(settings.include_mp_deviceid ? [] : ['mp_deviceid']),
    ...(settings.include_consent_state ? [] : ['consent_state']),
  ]
  const fields = omit(batch.fields, removed)
  const context = contextOf(batch, events, settings.include_event_batch_location)
  const excludesName = settings.metadata_field_exclusion.includes('device_name')
  return {
    ...fields,
    ...(context ? { context } : {}),
    ...(excludesName && isObject(fields.device_info)
      ? { device_info: omit(fields.device_info, ['device']) }
      : {}),
    ...(settings.unique_id ? { unique_id: settings.unique_id } : {}),
  }
}

interface MessageGroup extends EventGroup {
  /** Delivery and message ids are derived from it. */
  id: string
}

const toDeliveries = (group: MessageGroup): Delivery[] => {
  const { batch, settings, context, events } = group
  const text = (part: OutboundEvent[], id: string): string => stringifyJson(body(group, part, id))
  const date = dateFolder(settings.store_by_date ?? 'none', events[0], batch.received_ms)
  const common = {
    mpid: context.mpid,
    attributes: {
      mpid: context.mpid,
      input: context.input.id,
      batch_id: String(batch.fields.batch_id),
    },
  }
  const lane = settings.isQueue ? queueLane : `${date}/${appName(context.input.app_name, batch)}`
  return splitMessage(events, {
    id: group.id,
    maxBytes: settings.max_message_bytes ?? lineBytes,
    text,
    common: { ...common, lane },
  })
}

const body = (group: MessageGroup, events: OutboundEvent[], id: string): JsonObject => {
  const { batch, fields, settings, context } = group
  const common = { ...fields, events: events.map(({ event }) => event) }
  // The raw data feed has the inbound form: identities stay a map, and no message fields are added.
  if (settings.raw_data_feed) return { ...common, user_identities: batch.identities }
  return {
    ...common,
    user_identities: identityList(batch, context.identityTimes),
    system_notifications: batch.notifications,
    schema_version: 2,
    message_id: uuidFrom(id),
    message_type: 'events',
  }
}

// The reference shows these times as numbers, unlike every other 64-bit value of a batch.
const identityList = (batch: Outbound, times: Record<string, number>): Json[] =>
  Object.entries(batch.identities).map(([type, identity]) => ({
    identity_type: type,
    identity,
    timestamp_unixtime_ms: times[type] ?? batch.received_ms,
  }))
