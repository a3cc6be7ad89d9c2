import { describe, expect, it } from 'vitest'
import type { RuntimeType } from '../../../../sdk/firehose/names'
import { registration, requestOf } from '../../../support/firehose'

const environment = (body: object, permissions = {}) =>
  requestOf({ events: [{ event_type: 'session_start' }], ...body }, registration(permissions))
    .runtime_environment

describe('the type of a runtime', () => {
  it.each([
    ['iOS', 'ios'],
    ['Android', 'android'],
    ['web', 'mobileweb'],
    ['tvOS', 'tvos'],
    ['roku', 'roku'],
    ['xbox', 'xbox'],
    ['fire_tv', 'firetv'],
    ['smart_tv', 'smarttv'],
    ['alexa', 'alexa'],
    ['out_of_band', 'unknown'],
    ['desktop', 'unknown'],
    ['toaster', 'unknown'],
    ['constructor', 'unknown'],
  ])('of the platform %s is %s, whatever the application says', (platform, type) => {
    const body = { device_info: { platform }, application_info: { os: 'Xbox' } }
    expect(environment(body).type).toBe(type)
  })

  it.each([
    ['MobileWeb', 'mobileweb'],
    ['IOS', 'ios'],
    ['Android', 'android'],
    ['TVOS', 'tvos'],
    ['Roku', 'roku'],
    ['Alexa', 'alexa'],
    ['SmartTV', 'smarttv'],
    ['FireTV', 'firetv'],
    ['Xbox', 'xbox'],
    ['Desktop', 'unknown'],
    ['OutOfBand', 'unknown'],
    ['UnityIOS', 'unknown'],
    ['Unknown', 'unknown'],
  ])('without a platform is that of the system %s: %s', (os, type) => {
    expect(environment({ application_info: { os } }).type).toBe(type)
    expect(environment({ device_info: { platform: null }, application_info: { os } }).type).toBe(
      type
    )
  })

  it('of which nothing is known is unknown', () => {
    expect(environment({})).toEqual({ type: 'unknown', identities: [] })
  })
})

it.each([
  ['development', true],
  ['production', undefined],
])('a batch of %s has is_debug %s', (name, expected) => {
  expect(environment({ environment: name }).is_debug).toBe(expected)
})

const device = {
  build_identifier: 'b',
  device: 'd',
  device_manufacturer: 'm',
  device_model: 'o',
  device_country: 'c',
  brand: 'r',
  product: 'p',
  os_version: 14.1,
  locale_language: 'en',
  locale_country: 'US',
  timezone_offset: 5.5,
  timezone_name: 'Europe/Berlin',
  android_sdk_level: '34',
  is_sandboxed: 'True',
  screen_height: '1080',
  screen_width: 1920.9,
  screen_dpi: 160,
  network_country: 'nc',
  network_carrier: 'nr',
  network_code: 'no',
  network_mobile_country_code: 'nm',
  cpu_architecture: 'arm',
  is_tablet: false,
  supports_telephony: true,
  has_nfc: 'true',
  bluetooth_enabled: null,
  bluetooth_version: 'ble',
  radio_access_technology: 'lte',
  att_authorization_status: 'authorized',
  att_timestamp_unixtime_ms: '1614187122051',
  push_token: 't',
  limit_ad_tracking: true,
  is_dst: 'false',
  amp_id: 'never',
  build_version_release: 'never',
  push_notification_sound_enabled: true,
  a_field_of_tomorrow: 'never',
}
const application = {
  application_name: 'Shop',
  application_version: '1.2.3',
  package: 'shop.example',
  install_referrer: 'ref',
  apple_search_ads_attributes: { Version3: { campaign: 7, 'org-name': 'o' }, bad: 1 },
  os: 'never',
  application_build_number: 'never',
  sideloaded_kits_count: 3,
}

const base = {
  build_id: 'b',
  name: 'd',
  brand: 'r',
  product: 'p',
  os_version: '14.1',
  locale_language: 'en',
  locale_country: 'US',
  timezone_offset: 5,
  application_name: 'Shop',
  application_version: '1.2.3',
  application_package: 'shop.example',
}
const plain = { manufacturer: 'm', model: 'o', country: 'c', timezone_name: 'Europe/Berlin' }
const onWeb = { device_manufacturer: 'm', device_model: 'o', device_country: 'c' }
const screen = { screen_height: 1080, screen_width: 1920 }
const dpi = { screen_dpi: 160 }
const network = {
  network_country: 'nc',
  network_carrier: 'nr',
  network_code: 'no',
  network_mobile_country_code: 'nm',
}
const cpu = { cpu_architecture: 'arm' }
const tablet = { is_tablet: false }
const radios = { supports_telephony: true, has_nfc: true, bluetooth_version: 'ble' }
const radio = { radio_access_technology: 'lte' }
const tracking = {
  att_authorization_status: 'authorized',
  att_timestamp_unixtime_ms: 1614187122051,
}
const generic = { ...base, ...plain, ...screen, ...dpi, ...tablet, ...radios }

const slots: Record<RuntimeType, [platform: string, fields: object]> = {
  android: ['Android', { ...generic, ...network, android_sdk_level: 34, install_referrer: 'ref' }],
  ios: [
    'iOS',
    {
      ...base,
      ...plain,
      ...screen,
      ...network,
      ...cpu,
      ...tablet,
      ...radio,
      ...tracking,
      is_sandboxed: true,
      apple_search_ads_attribution: { Version3: { campaign: '7', 'org-name': 'o' } },
    },
  ],
  tvos: ['tvOS', { ...base, ...plain, ...screen, ...cpu, ...tracking }],
  mobileweb: [
    'web',
    {
      ...base,
      ...onWeb,
      ...screen,
      ...dpi,
      ...network,
      ...tablet,
      ...radio,
      push_token: 't',
      limit_ad_tracking: 'true',
      is_dst: 'false',
    },
  ],
  roku: ['roku', { ...base, ...plain, ...cpu }],
  xbox: ['xbox', { ...base, ...plain, ...screen, ...cpu }],
  firetv: ['fire_tv', { ...base, ...plain, ...screen, ...cpu }],
  unknown: ['desktop', generic],
  alexa: ['alexa', generic],
  smarttv: ['smart_tv', generic],
}

describe('the device of a batch', () => {
  it.each(Object.entries(slots))(
    'of %s has the fields that it has slots for',
    (type, [platform, fields]) => {
      const body = { device_info: { ...device, platform }, application_info: application }
      expect(environment(body, { allow_device_info: true })).toEqual({
        type,
        identities: [],
        ...fields,
      })
      expect(environment(body)).toEqual({ type, identities: [] })
    }
  )

  it.each([
    ['screen_width', 'wide'],
    ['screen_width', 2 ** 31],
    ['screen_width', ''],
    ['timezone_offset', { of: 1 }],
    ['timezone_name', { of: 1 }],
    ['is_sandboxed', 'maybe'],
    ['is_tablet', 'maybe'],
    ['is_tablet', 1],
    ['att_authorization_status', 'shrugged'],
    ['att_timestamp_unixtime_ms', 1.5],
    ['device_model', ['list']],
    ['brand', ''],
  ])('has no %s of %j', (name, value) => {
    const body = { device_info: { platform: 'iOS', [name]: value } }
    expect(environment(body, { allow_device_info: true })).toEqual({ type: 'ios', identities: [] })
  })
})
