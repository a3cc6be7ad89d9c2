import { uuidFrom } from '../base/hash'
import { isObject, type Json, type JsonObject, omit, stringifyJson } from '../base/json'
import { isAndroid, sessionOf } from '../batch'
import { type Delivery, queueLane } from '../delivery'
import type { Applied, ApplyContext } from './context'
import { filterEvents } from './filters'
import { appName, dateFolder } from './folders'
import { contextOf, withoutLocation } from './location'
import type { Outbound, OutboundEvent } from './outbound'
import { areRecords, recordDeliveries } from './records'
import type { ConnectionSettings } from './settings'
import { byteLength, individually, lineBytes, splitMessage } from './split'

/**
 * One merged batch through one connection's settings. Pure: the same arguments give the same
 * deliveries with the same ids. The steps are in the order of the settings document.
 */
export const apply = (
  given: Outbound,
  settings: ConnectionSettings,
  context: ApplyContext
): Applied => {
  const batch = areRecords(settings) ? asTheyCame(given) : given
  const accepted = batch.events.length
  if (batch.edge.is_historical && !settings.include_historical) {
    return { deliveries: [], accepted, filtered: accepted ? { include_historical: accepted } : {} }
  }
  const { events: passed, filtered } = filterEvents(batch.events, settings)
  const shaped = shape(batch, passed, settings)
  const events = settings.include_location ? passed : passed.map(withoutLocation)
  if (areRecords(settings)) {
    const deliveries = asRecords({ batch, shaped, events, settings, context, id: context.id })
    return { deliveries, accepted, filtered }
  }
  if (events.length === 0 && !settings.send_batches_without_events) {
    return { deliveries: [], accepted, filtered }
  }
  const groups =
    settings.send_as_batch || events.length === 0
      ? [events]
      : individually(events, byteLength(stringifyJson(shaped)))
  // Wait for Complete Batch sends the whole session as one, whatever Send as Batch says.
  const sent = settings.wait_for_complete_batch && isOfSession(batch) ? [events] : groups
  return {
    deliveries: sent.flatMap((group, i) =>
      toDeliveries({ batch, shaped, events: group, settings, context, id: `${context.id}-${i}` })
    ),
    accepted,
    filtered,
  }
}

// An event that is made of another has no record of its own: that of the other tells all.
const asTheyCame = (batch: Outbound): Outbound => ({
  ...batch,
  events: batch.events.filter((one) => one.neededSetting === undefined),
})

const asRecords = (share: Share): Delivery[] => {
  const deliveries = recordDeliveries(share)
  if (deliveries) return deliveries
  const unsendable = 'The records of these events are too large together.'
  return toDeliveries(share).map((one) => ({ ...one, unsendable }))
}

// Android's sessions have windows of their own, so one event tells for all.
const isOfSession = ({ fields, events }: Outbound): boolean =>
  isAndroid(fields) && events.some(({ event }) => sessionOf(event) !== undefined)

const metadata = ['application_info', 'device_info', 'source_info']

// Everything of a batch but its events.
const shape = (
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

interface Share {
  batch: Outbound
  shaped: JsonObject
  events: OutboundEvent[]
  settings: ConnectionSettings
  context: ApplyContext
  id: string
}

const toDeliveries = (share: Share): Delivery[] => {
  const { batch, settings, context, events } = share
  const text = (part: OutboundEvent[], id: string): string => stringifyJson(body(share, part, id))
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
    id: share.id,
    maxBytes: settings.max_message_bytes ?? lineBytes,
    text,
    common: { ...common, lane },
  })
}

const body = (share: Share, events: OutboundEvent[], id: string): JsonObject => {
  const { batch, shaped, settings, context } = share
  const sent = { ...shaped, events: events.map((one) => one.event) }
  // The raw data feed is the inbound form: identities stay a map, and no message fields are added.
  if (settings.raw_data_feed) return { ...sent, user_identities: batch.identities }
  return {
    ...sent,
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
