import { type RuntimeType, runtimeTypes, trackingAuthorizations } from '../../../sdk/firehose/names'
import type { Permissions } from '../../../sdk/firehose/registration'
import { isObject, type Json, type JsonObject } from '../../base/json'
import type { SentIdentity } from './identities'
import {
  booleanOf,
  booleanText,
  type Field,
  int32Of,
  int64Of,
  objectOf,
  readFields,
  textMap,
  textOf,
  wordOf,
} from './values'

const platforms = new Map<string, RuntimeType>([
  ['ios', 'ios'],
  ['android', 'android'],
  ['web', 'mobileweb'],
  ['tvos', 'tvos'],
  ['roku', 'roku'],
  ['xbox', 'xbox'],
  ['fire_tv', 'firetv'],
  ['smart_tv', 'smarttv'],
  ['alexa', 'alexa'],
])

/** The protocol's type of the batch's device; `unknown` for platforms that it lacks. */
export const runtimeType = (batch: JsonObject): RuntimeType => {
  const platform = textOf(objectOf(batch.device_info).platform)
  if (platform !== undefined) return platforms.get(platform.toLowerCase()) ?? 'unknown'
  // `application_info.os` has the protocol's names, in any letter case.
  const os = textOf(objectOf(batch.application_info).os)?.toLowerCase()
  return runtimeTypes.find((type) => type === os) ?? 'unknown'
}

const generic: RuntimeType[] = ['unknown', 'alexa', 'smarttv']
const all = runtimeTypes
const allBut = (...without: RuntimeType[]): RuntimeType[] =>
  all.filter((type) => !without.includes(type))

/** A field, and the runtime types that have it. */
type RuntimeField = readonly [...Field, on: readonly RuntimeType[]]

const sameName = (names: string[], read: Field[2], on: readonly RuntimeType[]): RuntimeField[] =>
  names.map((name) => [name, name, read, on])

const notWeb = allBut('mobileweb')

const deviceFields: RuntimeField[] = [
  ['build_id', 'build_identifier', textOf, all],
  ['name', 'device', textOf, all],
  ['manufacturer', 'device_manufacturer', textOf, notWeb],
  ['model', 'device_model', textOf, notWeb],
  ['country', 'device_country', textOf, notWeb],
  ...sameName(['device_manufacturer', 'device_model', 'device_country'], textOf, ['mobileweb']),
  ...sameName(['brand', 'product', 'os_version', 'locale_language', 'locale_country'], textOf, all),
  ...sameName(['timezone_offset'], int32Of, all),
  ...sameName(['timezone_name'], textOf, notWeb),
  ...sameName(['screen_height', 'screen_width'], int32Of, allBut('roku')),
  ...sameName(['screen_dpi'], int32Of, ['android', 'mobileweb', ...generic]),
  ...sameName(
    ['network_country', 'network_carrier', 'network_code', 'network_mobile_country_code'],
    textOf,
    ['android', 'ios', 'mobileweb']
  ),
  ...sameName(['cpu_architecture'], textOf, ['ios', 'tvos', 'roku', 'xbox', 'firetv']),
  ...sameName(['is_tablet'], booleanOf, ['android', 'ios', 'mobileweb', ...generic]),
  ...sameName(['supports_telephony', 'has_nfc', 'bluetooth_enabled'], booleanOf, [
    'android',
    ...generic,
  ]),
  ...sameName(['bluetooth_version'], textOf, ['android', ...generic]),
  ...sameName(['radio_access_technology'], textOf, ['ios', 'mobileweb']),
  ...sameName(['att_authorization_status'], wordOf(trackingAuthorizations), ['ios', 'tvos']),
  ...sameName(['att_timestamp_unixtime_ms'], int64Of, ['ios', 'tvos']),
  ...sameName(['android_sdk_level'], int32Of, ['android']),
  ...sameName(['is_sandboxed'], booleanOf, ['ios']),
  ...sameName(['push_token'], textOf, ['mobileweb']),
  ...sameName(['limit_ad_tracking', 'is_dst'], booleanText, ['mobileweb']),
]

const searchAds = (value: Json | undefined): Json | undefined => {
  if (!isObject(value)) return undefined
  const entries = Object.entries(value).flatMap(([name, group]) => {
    const texts = textMap(group)
    return texts ? [[name, texts]] : []
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

// The reference implementation has no application fields for the web; here it has the first three.
const applicationFields: RuntimeField[] = [
  ...sameName(['application_name', 'application_version'], textOf, all),
  ['application_package', 'package', textOf, all],
  ['install_referrer', 'install_referrer', textOf, ['android']],
  ['apple_search_ads_attribution', 'apple_search_ads_attributes', searchAds, ['ios']],
]

const fieldsOf = (source: JsonObject, fields: RuntimeField[], type: RuntimeType): JsonObject =>
  readFields(
    source,
    fields.flatMap(([name, from, read, on]): Field[] =>
      on.includes(type) ? [[name, from, read]] : []
    )
  )

/** The device and application of a batch, with the fields that the integration may see. */
export const runtimeEnvironment = (
  batch: JsonObject,
  identities: SentIdentity[],
  permissions: Permissions
): JsonObject => {
  const type = runtimeType(batch)
  const device = objectOf(batch.device_info)
  return {
    type,
    is_debug: batch.environment === 'development' ? true : undefined,
    client_ip_address: permissions.allow_access_ip_address ? textOf(batch.ip) : undefined,
    sdk_version: textOf(batch.sdk_version),
    http_header_user_agent: permissions.allow_access_http_user_agent
      ? textOf(device.http_header_user_agent)
      : undefined,
    identities,
    ...(permissions.allow_device_info
      ? {
          ...fieldsOf(device, deviceFields, type),
          ...fieldsOf(objectOf(batch.application_info), applicationFields, type),
        }
      : {}),
  }
}
