import { exactText, isObject, type Json, type JsonObject, omit, own } from '../../base/json'
import { isFilled, readSwitch, rename, set } from './fields'
import { identityNames, type SortedIdentities, sortIdentities } from './identities'

const platforms: Record<string, string> = {
  ios: 'iOS',
  android: 'Android',
  mobileweb: 'web',
  tvos: 'tvOS',
  firetv: 'fire_tv',
  smarttv: 'smart_tv',
}

const deviceFields: Record<string, string> = {
  build_id: 'build_identifier',
  name: 'device',
  manufacturer: 'device_manufacturer',
  model: 'device_model',
  country: 'device_country',
}

const applicationFields: Record<string, string> = {
  application_name: 'application_name',
  application_version: 'application_version',
  application_package: 'package',
  install_referrer: 'install_referrer',
  apple_search_ads_attribution: 'apple_search_ads_attributes',
}

// mParticle writes 0 for these when they are unknown.
const unknownAsZero = new Set(['screen_height', 'screen_width', 'screen_dpi', 'android_sdk_level'])
// Text in the environment of a browser, booleans in the others.
const switches = new Set(['limit_ad_tracking', 'is_dst'])

const deviceInfo = (fields: JsonObject, type: Json | undefined, ids: JsonObject): JsonObject => {
  const known = Object.entries(rename(fields, deviceFields))
    .filter(([name, value]) => !(value === 0 && unknownAsZero.has(name)))
    .map(([name, value]) => [name, switches.has(name) ? readSwitch(value) : value])
  const text = exactText(type)
  const platform = typeof text === 'string' ? (own(platforms, text) ?? text) : type
  return { ...ids, ...Object.fromEntries(known), ...set({ platform }) }
}

/** A runtime environment as fields of the batch, and its device identities. */
export const readEnvironment = (
  environment: Json | undefined
): { fields: JsonObject; identities: SortedIdentities } => {
  if (!isObject(environment)) {
    const identities = sortIdentities(undefined, identityNames.device)
    return { fields: set({ runtime_environment: environment }), identities }
  }
  const { type, is_debug, client_ip_address, sdk_version, identities: list, ...rest } = environment
  const identities = sortIdentities(list, identityNames.device)
  const application = Object.entries(rest).filter(([name]) =>
    Object.hasOwn(applicationFields, name)
  )
  const device = omit(rest, Object.keys(applicationFields))
  const device_info = deviceInfo(device, type, identities.named)
  const application_info = rename(Object.fromEntries(application), applicationFields)
  return {
    fields: set({
      environment: readSwitch(is_debug) === true ? 'development' : 'production',
      ip: isFilled(client_ip_address) ? client_ip_address : undefined,
      sdk_version,
      device_info: isFilled(device_info) ? device_info : undefined,
      application_info: isFilled(application_info) ? application_info : undefined,
    }),
    identities,
  }
}
