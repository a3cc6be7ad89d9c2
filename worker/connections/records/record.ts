import { uuidFrom } from '../../base/hash'
import { exactText, isObject, type Json, type JsonObject, omit } from '../../base/json'
import type { OutboundEvent } from '../outbound'
import { dataMaps } from './maps'
import { isPurchase, purchaseRecords } from './purchase'

/** Facts of a record that are not its event's. */
export interface RecordSource {
  /** The batch's fields after the connection's settings were applied. */
  fields: JsonObject
  input: string
  mpid: string
}

/** The fields of a record that the setting `include_metadata` controls. */
const metadata = [
  'platform',
  'model',
  'platform_version',
  'make',
  'locale',
  'app_package_name',
  'app_version_name',
  'app_version_code',
  'app_title',
  'user_agent',
]

const transitions: Record<string, string> = {
  application_background: '_session.pause',
  application_foreground: '_session.resume',
}

const typeOf = ({ event_type: type, data }: OutboundEvent['event']): string => {
  const { event_name: name, application_transition_type: transition } = data
  switch (type) {
    case 'session_start':
      return '_session.start'
    case 'session_end':
      return '_session.stop'
    case 'custom_event':
      return typeof name === 'string' && name !== '' ? name : type
    case 'application_state_transition':
      return typeof transition === 'string' ? (transitions[transition] ?? type) : type
    default:
      return type
  }
}

const withoutEmpty = (fields: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  )

const localeOf = ({ locale_language: language, locale_country: country }: JsonObject): Json =>
  [language, country].filter((part) => typeof part === 'string' && part !== '').join('_') || null

const clientFields = ({ device_info, application_info, sdk_version }: JsonObject): JsonObject => {
  const device = isObject(device_info) ? device_info : {}
  const app = isObject(application_info) ? application_info : {}
  return withoutEmpty({
    platform: device.platform,
    model: device.device_model,
    platform_version: device.os_version,
    make: device.device_manufacturer,
    locale: localeOf(device),
    sdk_version,
    app_package_name: app.package,
    app_version_name: app.application_version,
    app_version_code: app.application_build_number,
    app_title: app.application_name,
    user_agent: device.http_header_user_agent,
  })
}

const convertEvent = (outbound: OutboundEvent, source: RecordSource): Iterable<JsonObject> => {
  const { fields, input, mpid } = source
  const { event, client_ms, received_ms } = outbound
  const common = {
    application_key: input,
    account_id: 'weir',
    event_type: typeOf(event),
    timestamp: client_ms ?? received_ms,
    arrival_timestamp: received_ms,
    unique_id: uuidFrom(String(event.data.event_id)),
    client_id: exactText(fields.mp_deviceid) ?? mpid,
    ...clientFields(fields),
  }
  if (isPurchase(event)) return purchaseRecords(outbound, common)
  const isNamed = event.event_type === 'custom_event'
  return [{ ...common, ...dataMaps(outbound, isNamed ? ['event_name'] : []) }]
}

// The attribute `_clientContext` repeats all metadata.
const withoutMetadata = (record: JsonObject): JsonObject => ({
  ...omit(record, metadata),
  attributes: omit(isObject(record.attributes) ? record.attributes : {}, ['_clientContext']),
})

/**
 * An event as flattened records of Amazon Mobile Analytics: the record as received, where the
 * input's dialect is Mobile Analytics, else a converted one. A purchase has a record per product.
 */
export const recordsOf = (
  event: OutboundEvent,
  source: RecordSource,
  includesMetadata: boolean
): Iterable<JsonObject> => {
  if (!event.record) return convertEvent(event, source)
  return [includesMetadata ? event.record : withoutMetadata(event.record)]
}
