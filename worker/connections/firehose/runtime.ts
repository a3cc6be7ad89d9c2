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

/** What kind of device a batch is of; everything without a type of its own is `unknown`. */
export const runtimeType = (batch: JsonObject): RuntimeType => {
  const platform = textOf(objectOf(batch.device_info).platform)
  if (platform !== undefined) return platforms.get(platform.toLowerCase()) ?? 'unknown'
  // An application's names for them are those of the protocol, but for the case.
  const os = textOf(objectOf(batch.application_info).os)?.toLowerCase()
  return runtimeTypes.find((type) => type === os) ?? 'unknown'
}

const generic: RuntimeType[] = ['unknown', 'alexa', 'smarttv']
const all = runtimeTypes
const allBut = (...without: RuntimeType[]): RuntimeType[] =>
  all.filter((type) => !without.includes(type))

/** A field, and the runtimes that have a slot for it. */
type Slot = readonly [...Field, on: readonly RuntimeType[]]

const same = (names: string[], read: Field[2], on: readonly RuntimeType[]): Slot[] =>
  names.map((name) => [name, name, read, on])

const notWeb = allBut('mobileweb')

const deviceSlots: Slot[] = [
  ['build_id', 'build_identifier', textOf, all],
  ['name', 'device', textOf, all],
  ['manufacturer', 'device_manufacturer', textOf, notWeb],
  ['model', 'device_model', textOf, notWeb],
  ['country', 'device_country', textOf, notWeb],
  ...same(['device_manufacturer', 'device_model', 'device_country'], textOf, ['mobileweb']),
  ...same(['brand', 'product', 'os_version', 'locale_language', 'locale_country'], textOf, all),
  ...same(['timezone_offset'], int32Of, all),
  ...same(['timezone_name'], textOf, notWeb),
  ...same(['screen_height', 'screen_width'], int32Of, allBut('roku')),
  ...same(['screen_dpi'], int32Of, ['android', 'mobileweb', ...generic]),
  ...same(
    ['network_country', 'network_carrier', 'network_code', 'network_mobile_country_code'],
    textOf,
    ['android', 'ios', 'mobileweb']
  ),
  ...same(['cpu_architecture'], textOf, ['ios', 'tvos', 'roku', 'xbox', 'firetv']),
  ...same(['is_tablet'], booleanOf, ['android', 'ios', 'mobileweb', ...generic]),
  ...same(['supports_telephony', 'has_nfc', 'bluetooth_enabled'], booleanOf, [
    'android',
    ...generic,
  ]),
  ...same(['bluetooth_version'], textOf, ['android', ...generic]),
  ...same(['radio_access_technology'], textOf, ['ios', 'mobileweb']),
  ...same(['att_authorization_status'], wordOf(trackingAuthorizations), ['ios', 'tvos']),
  ...same(['att_timestamp_unixtime_ms'], int64Of, ['ios', 'tvos']),
  ...same(['android_sdk_level'], int32Of, ['android']),
  ...same(['is_sandboxed'], booleanOf, ['ios']),
  ...same(['push_token'], textOf, ['mobileweb']),
  ...same(['limit_ad_tracking', 'is_dst'], booleanText, ['mobileweb']),
]

const searchAds = (value: Json | undefined): Json | undefined => {
  if (!isObject(value)) return undefined
  const entries = Object.entries(value).flatMap(([name, one]) => {
    const inner = textMap(one)
    return inner ? [[name, inner]] : []
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

// The web has no slot for an application in the reference implementation, but gets these too.
const applicationSlots: Slot[] = [
  ...same(['application_name', 'application_version'], textOf, all),
  ['application_package', 'package', textOf, all],
  ['install_referrer', 'install_referrer', textOf, ['android']],
  ['apple_search_ads_attribution', 'apple_search_ads_attributes', searchAds, ['ios']],
]

const slotsOf = (source: JsonObject, slots: Slot[], type: RuntimeType): JsonObject =>
  readFields(
    source,
    slots.flatMap(([name, from, read, on]): Field[] =>
      on.includes(type) ? [[name, from, read]] : []
    )
  )

/** The device and the application that a batch came from, as far as the integration may know. */
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
          ...slotsOf(device, deviceSlots, type),
          ...slotsOf(objectOf(batch.application_info), applicationSlots, type),
        }
      : {}),
  }
}
