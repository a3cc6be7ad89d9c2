import { uuidFrom } from '../base/hash'
import { exactText, isObject, type Json, type JsonObject, omit } from '../base/json'
import type { OutboundEvent } from './outbound'
import { dataMaps } from './record-maps'
import { isPurchase, purchaseRecords } from './record-purchase'

/** What a record takes from around its event. */
export interface RecordSource {
  /** The batch's fields as the connection's settings have left them. */
  shaped: JsonObject
  input: string
  mpid: string
}

/** What `include_metadata` is about, in a record of Mobile Analytics. */
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

const said = (fields: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  )

const localeOf = ({ locale_language: language, locale_country: country }: JsonObject): Json =>
  [language, country].filter((part) => typeof part === 'string' && part !== '').join('_') || null

const described = ({ device_info, application_info, sdk_version }: JsonObject): JsonObject => {
  const device = isObject(device_info) ? device_info : {}
  const app = isObject(application_info) ? application_info : {}
  return said({
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

const converted = (one: OutboundEvent, source: RecordSource): Iterable<JsonObject> => {
  const { shaped, input, mpid } = source
  const { event, client_ms, received_ms } = one
  const common = {
    application_key: input,
    account_id: 'weir',
    event_type: typeOf(event),
    timestamp: client_ms ?? received_ms,
    arrival_timestamp: received_ms,
    unique_id: uuidFrom(String(event.data.event_id)),
    client_id: exactText(shaped.mp_deviceid) ?? mpid,
    ...described(shaped),
  }
  if (isPurchase(event)) return purchaseRecords(one, common)
  const isNamed = event.event_type === 'custom_event'
  return [{ ...common, ...dataMaps(one, isNamed ? ['event_name'] : []) }]
}

// Its client context tells all of the client again.
const withoutMetadata = (record: JsonObject): JsonObject => ({
  ...omit(record, metadata),
  attributes: omit(isObject(record.attributes) ? record.attributes : {}, ['_clientContext']),
})

/**
 * An event as flattened records of Amazon Mobile Analytics: as it came, where its input speaks that
 * dialect, else converted from its batch. A purchase of several products is one record each.
 */
export const recordsOf = (
  one: OutboundEvent,
  source: RecordSource,
  includesMetadata: boolean
): Iterable<JsonObject> => {
  if (!one.record) return converted(one, source)
  return [includesMetadata ? one.record : withoutMetadata(one.record)]
}
