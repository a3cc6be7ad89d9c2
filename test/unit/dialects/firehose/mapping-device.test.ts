import { describe, expect, it } from 'vitest'
import { isObject, type JsonObject, parseJson } from '../../../../worker/base/json'
import { readBatch } from '../../../../worker/dialects/firehose/batch'

const envelope = { type: 'event_processing_request', id: 'm-1', timestamp_ms: 5 }

const batchOf = (fields: object): JsonObject => {
  const message = parseJson(JSON.stringify({ ...envelope, events: [], ...fields }))
  if (!isObject(message)) throw new Error('Not a message.')
  return readBatch(message, 'Acme').batch
}

const environment = (fields: object): JsonObject => batchOf({ runtime_environment: fields })
const raw = (type: string, value: string) => ({ type, encoding: 'raw', value })

describe('identities', () => {
  it.each([
    ['customer', 'customer_id'],
    ['email', 'email'],
    ['other', 'other'],
    ['other2', 'other_id_2'],
    ['other10', 'other_id_10'],
    ['phone_number_2', 'phone_number_2'],
    ['of_tomorrow', 'of_tomorrow'],
  ])('of a user: %s is %s', (type, name) => {
    expect(batchOf({ user_identities: [raw(type, 'v')] }).user_identities).toEqual({ [name]: 'v' })
  })

  it.each([
    ['android_id', 'android_uuid'],
    ['google_advertising_id', 'android_advertising_id'],
    ['ios_vendor_id', 'ios_idfv'],
    ['ios_advertising_id', 'ios_advertising_id'],
    ['apple_push_notification_token', 'push_token'],
    ['google_cloud_messaging_token', 'push_token'],
    ['roku_publisher_id', 'roku_publisher_id'],
    ['fire_advertising_id', 'fire_advertising_id'],
  ])('of a device: %s is %s', (type, name) => {
    const batch = environment({ type: 'android', identities: [raw(type, 'v')] })
    expect(batch.device_info).toEqual({ platform: 'Android', [name]: 'v' })
  })

  it('of partners are told by their names', () => {
    expect(batchOf({ partner_identities: [raw('Acme_uid', 'u')] }).partner_identities).toEqual({
      Acme_uid: 'u',
    })
  })

  it('that are hashes do not pose as what they were made of', () => {
    const batch = batchOf({
      user_identities: [{ type: 'customer', encoding: 'md5', value: 'abc' }, raw('email', 'e')],
      runtime_environment: {
        type: 'android',
        identities: [{ type: 'android_id', encoding: 'sha1', value: 'def' }],
      },
    })
    expect(batch.user_identities).toEqual({ email: 'e' })
    expect(batch.device_info).toEqual({ platform: 'Android' })
    expect(batch.hashed_identities).toEqual([
      { type: 'customer_id', encoding: 'md5', value: 'abc' },
      { type: 'android_uuid', encoding: 'sha1', value: 'def' },
    ])
  })

  it('that are none, or say another thing than one before, stay as they came', () => {
    const unread = ['text', raw('email', ''), { type: 'email', value: 'x' }, raw('email', 'second')]
    const batch = batchOf({ user_identities: [raw('email', 'first'), ...unread] })
    expect(batch.user_identities).toEqual({ email: 'first' })
    expect(batch.unread_identities).toEqual(unread)
  })
})

describe('a runtime environment', () => {
  it.each([
    ['android', 'Android'],
    ['ios', 'iOS'],
    ['tvos', 'tvOS'],
    ['mobileweb', 'web'],
    ['roku', 'roku'],
    ['xbox', 'xbox'],
    ['firetv', 'fire_tv'],
    ['smarttv', 'smart_tv'],
    ['alexa', 'alexa'],
    ['unknown', 'unknown'],
    ['of_tomorrow', 'of_tomorrow'],
  ])('of type %s is of the platform %s', (type, platform) => {
    expect(environment({ type }).device_info).toEqual({ platform })
  })

  it.each<[object, object]>([
    [{ is_debug: true }, { environment: 'development' }],
    [{ is_debug: 'True' }, { environment: 'development' }],
    [{ is_debug: false }, { environment: 'production' }],
    [{}, { environment: 'production' }],
    [{ client_ip_address: '203.0.113.7' }, { ip: '203.0.113.7' }],
    [{ sdk_version: '6.12.1' }, { sdk_version: '6.12.1' }],
    [{ http_header_user_agent: 'a' }, { device_info: { http_header_user_agent: 'a' } }],
    [
      { build_id: 'b', name: 'n', manufacturer: 'm', model: 'o', country: 'c' },
      {
        device_info: {
          build_identifier: 'b',
          device: 'n',
          device_manufacturer: 'm',
          device_model: 'o',
          device_country: 'c',
        },
      },
    ],
    [
      { device_manufacturer: 'm', device_model: 'o', device_country: 'c' },
      { device_info: { device_manufacturer: 'm', device_model: 'o', device_country: 'c' } },
    ],
    [
      { limit_ad_tracking: 'True', is_dst: 'false' },
      { device_info: { limit_ad_tracking: true, is_dst: false } },
    ],
    [
      { timezone_name: 'UTC-5', is_sandboxed: true, android_sdk_level: 34, of_tomorrow: [1] },
      {
        device_info: {
          timezone_name: 'UTC-5',
          is_sandboxed: true,
          android_sdk_level: 34,
          of_tomorrow: [1],
        },
      },
    ],
    [
      {
        application_name: 'n',
        application_version: 'v',
        application_package: 'p',
        install_referrer: 'r',
        apple_search_ads_attribution: { a: { b: 'c' } },
      },
      {
        application_info: {
          application_name: 'n',
          application_version: 'v',
          package: 'p',
          install_referrer: 'r',
          apple_search_ads_attributes: { a: { b: 'c' } },
        },
      },
    ],
  ])('with %j gives %j', (fields, expected) => {
    expect(environment(fields)).toMatchObject(expected)
  })

  it('knows nothing where the platform writes 0 for it, but a time zone', () => {
    const zeros = { screen_height: 0, screen_width: 0, screen_dpi: 0, android_sdk_level: 0 }
    expect(environment({ ...zeros, timezone_offset: 0 }).device_info).toEqual({
      timezone_offset: 0,
    })
  })
})
