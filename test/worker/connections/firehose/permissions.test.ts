import { describe, expect, it } from 'vitest'
import {
  type DeviceIdentityType,
  deviceIdentityTypes,
  type Encoding,
  userIdentityTypes,
} from '../../../../sdk/firehose/names'
import type { Permissions } from '../../../../sdk/firehose/registration'
import { type EventRequest, everything, registration, requestOf } from '../../../support/firehose'
import { mpid } from '../../../support/outbound'

const place = { latitude: 1, longitude: 2 }
const body = {
  events: [
    { event_type: 'session_start', data: { location: place } },
    { event_type: 'user_attribute_change', data: { user_attribute_name: 'plan', new: 'pro' } },
  ],
  user_attributes: {
    plan: 'pro',
    age: 42,
    tag: null,
    likes: ['tea', 7, null, { a: 1 }],
    of: { b: [1] },
  },
  deleted_user_attributes: ['gone'],
  user_identities: { customer_id: 'C-1', email: 'Jane@Example.com', google: 'g', alias: 'a' },
  partner_identities: { Acme_uid: 'u-77', Other_id: 'hidden' },
  integration_attributes: { '123': { key: 'v', n: 1 }, '124': { other: 'hidden' } },
  mp_deviceid: 'e4c07f48-7aff-48a2-b5fa-891bef04778e',
  ip: '203.0.113.7',
  sdk_version: '2.68.0',
  device_info: { platform: 'Android', http_header_user_agent: 'agent', device_model: 'Pixel' },
  application_info: { application_name: 'Shop', application_version: '1' },
  consent_state: {
    gdpr: { analytics: { consented: true, document: 'v4', hardware_id: null, note: 'x' }, ads: {} },
    ccpa: { data_sale_opt_out: { consented: false }, other: { consented: true } },
  },
  context: { data_plan: { plan_id: 'shop', plan_version: 2 }, location: place },
  a_field_of_tomorrow: 1,
}

const account = {
  mp_account_id: 7,
  mp_account_name: 'Weir',
  workspace_id: 8,
  workspace_name: 'Shop',
}
const sentWith = (permissions: Permissions): EventRequest =>
  requestOf(body, registration(permissions), { account })

const always = [
  'type',
  'id',
  'timestamp_ms',
  'firehose_version',
  'runtime_environment',
  'integration_attributes',
  'source_channel',
  'events',
]

describe('a request', () => {
  it('to an integration that is allowed nothing has what everybody gets', () => {
    const request = sentWith({})
    expect(Object.keys(request).sort()).toEqual([...always].sort())
    expect(request.runtime_environment).toEqual({
      type: 'android',
      sdk_version: '2.68.0',
      identities: [],
    })
    expect(request.integration_attributes).toEqual({ key: 'v', n: '1' })
    expect(request.source_channel).toBe('javascript')
    expect(request.events.map(({ type }) => type)).toEqual(['session_start'])
    expect(JSON.stringify(request)).not.toMatch(/hidden|tomorrow|gone|203\.0|Jane|C-1/)
  })

  it.each<[keyof Permissions, Partial<EventRequest>]>([
    ['allow_access_device_application_stamp', { device_application_stamp: body.mp_deviceid }],
    ['allow_access_mpid', { mpid }],
    [
      'allow_user_attributes',
      {
        user_attributes: { plan: 'pro', age: '42', tag: null, of: '{"b":[1]}' },
        user_attribute_lists: { likes: ['tea', '7', '{"a":1}'] },
      },
    ],
    [
      'allow_consent_state',
      {
        consent_state: {
          gdpr_consent_state: {
            analytics: { consented: true, document: 'v4' },
            ads: { consented: false },
          },
          ccpa_consent_state: { data_sale_opt_out: { consented: false } },
        },
      },
    ],
    [
      'allow_platform_fields',
      {
        platform_fields: {
          ...account,
          input_name: 'Android',
          app_name: 'Shop',
          app_version: '1',
          dataplan_id: 'shop',
          dataplan_version: 2,
        },
      },
    ],
  ])('has by %s what it is for, and nothing else more', (permission, added) => {
    const { events: _, ...request } = sentWith({ [permission]: true })
    const { events: _events, ...without } = sentWith({})
    expect(request).toEqual({ ...without, ...added })
  })

  it.each<[keyof Permissions, object]>([
    ['allow_access_ip_address', { client_ip_address: '203.0.113.7' }],
    ['allow_access_http_user_agent', { http_header_user_agent: 'agent' }],
    ['allow_device_info', { model: 'Pixel', application_name: 'Shop', application_version: '1' }],
  ])('has by %s fields of the runtime', (permission, added) => {
    const { runtime_environment, ...request } = sentWith({ [permission]: true })
    const { runtime_environment: before, ...without } = sentWith({})
    expect(runtime_environment).toEqual({ ...before, ...added })
    expect(request).toEqual(without)
  })

  it('has by allow_access_location where events happened', () => {
    const { events, ...request } = sentWith({ allow_access_location: true })
    const { events: before, ...without } = sentWith({})
    expect(events).toEqual([{ ...before[0], location: place }])
    expect(request).toEqual(without)
  })

  it('has by allow_user_attributes the events of their changes', () => {
    expect(sentWith({ allow_user_attributes: true }).events.map(({ type }) => type)).toEqual([
      'session_start',
      'user_attribute_change',
    ])
  })

  it('has no fields of which there is nothing to say', () => {
    const bare = {
      events: [{ event_type: 'session_start' }],
      user_attributes: {},
      consent_state: { gdpr: {} },
    }
    const request = requestOf(bare, registration(everything))
    expect(Object.keys(request).sort()).toEqual(
      [...always.filter((name) => name !== 'integration_attributes'), 'mpid'].sort()
    )
  })

  it('has the fields of a platform that the batch came by, not those of its account', () => {
    const platform_fields = { dataplan_name: 'Shop plan', input_name: 'Feed', mp_account_id: 99 }
    const permissions = registration({ allow_platform_fields: true })
    expect(requestOf({ ...body, platform_fields }, permissions).platform_fields).toMatchObject({
      dataplan_name: 'Shop plan',
      input_name: 'Feed',
    })
    const strange = { platform_fields: { dataplan_name: ['x'], input_name: {}, mp_account_id: 99 } }
    const request = requestOf({ ...body, ...strange }, permissions)
    expect(request.platform_fields).toMatchObject({ input_name: 'Android' })
    expect(request.platform_fields).not.toHaveProperty('dataplan_name')
    expect(request.platform_fields).not.toHaveProperty('mp_account_id')
  })

  it('has no attributes of another integration by the name of a property of all objects', () => {
    const request = requestOf(body, registration(), { module_id: 'constructor' })
    expect(request).not.toHaveProperty('integration_attributes')
  })
})

describe('an identity', () => {
  it.each(['raw', 'md5', 'sha1', 'sha256'] as const)('is sent as %s', async (encoding) => {
    const request = sentWith({ user_identities: [{ type: 'email', encoding }] })
    const lower = new TextEncoder().encode('jane@example.com')
    const names = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' }
    const value =
      encoding === 'raw'
        ? 'Jane@Example.com'
        : [...new Uint8Array(await crypto.subtle.digest(names[encoding], lower))]
            .map((byte) => byte.toString(16).padStart(2, '0'))
            .join('')
    expect(request.user_identities).toEqual([{ type: 'email', encoding, value }])
  })

  it('in an unknown encoding is not sent', () => {
    const encoding = 'rot13' as Encoding
    expect(sentWith({ user_identities: [{ type: 'email', encoding }] })).not.toHaveProperty(
      'user_identities'
    )
  })

  it.each(userIdentityTypes)('of the user of type %s is permitted by its own name', (type) => {
    const canonical =
      type === 'customer' ? 'customer_id' : type.replace(/^other(\d+)$/, 'other_id_$1')
    const user_identities = { [canonical]: 'X' }
    const body = { events: [{ event_type: 'session_start' }], user_identities }
    const permissions = { user_identities: [{ type, encoding: 'raw' as const }] }
    expect(requestOf(body, registration(permissions)).user_identities).toEqual([
      { type, encoding: 'raw', value: 'X' },
    ])
    expect(requestOf(body, registration())).not.toHaveProperty('user_identities')
  })

  const deviceFields: Record<DeviceIdentityType, [platform: string, field: string]> = {
    android_id: ['Android', 'android_uuid'],
    google_advertising_id: ['Android', 'android_advertising_id'],
    ios_advertising_id: ['iOS', 'ios_advertising_id'],
    ios_vendor_id: ['iOS', 'ios_idfv'],
    google_cloud_messaging_token: ['Android', 'push_token'],
    apple_push_notification_token: ['tvOS', 'push_token'],
    roku_advertising_id: ['roku', 'roku_advertising_id'],
    microsoft_advertising_id: ['xbox', 'microsoft_advertising_id'],
    microsoft_publisher_id: ['xbox', 'microsoft_publisher_id'],
    fire_advertising_id: ['fire_tv', 'fire_advertising_id'],
    roku_publisher_id: ['roku', 'roku_publisher_id'],
  }

  it.each(deviceIdentityTypes)(
    'of the device of type %s is sent even without its other fields',
    (type) => {
      const [platform, field] = deviceFields[type]
      const events = [{ event_type: 'session_start' }]
      const body = { events, device_info: { platform, [field]: 'ABC', device_model: 'x' } }
      const sent = requestOf(body, registration({ device_identities: [{ type, encoding: 'raw' }] }))
      expect(sent.runtime_environment.identities).toEqual([{ type, encoding: 'raw', value: 'ABC' }])
      expect(requestOf(body, registration()).runtime_environment.identities).toEqual([])
    }
  )

  it('of a partner is the permitted one', () => {
    const partner_identities = [{ type: 'Acme_uid', encoding: 'raw' as const }]
    expect(sentWith({ partner_identities }).partner_identities).toEqual([
      { type: 'Acme_uid', encoding: 'raw', value: 'u-77' },
    ])
  })

  it('without a value is left out', () => {
    const body = {
      events: [{ event_type: 'session_start' }],
      user_identities: { customer_id: '', email: null },
      device_info: { platform: 'iOS', ios_idfv: '' },
      partner_identities: { Acme_uid: '' },
    }
    const request = requestOf(body, registration(everything))
    expect(request).not.toHaveProperty('user_identities')
    expect(request).not.toHaveProperty('partner_identities')
    expect(request.runtime_environment.identities).toEqual([])
  })

  it('given in a list, as outputs have them, is the same', () => {
    const events = [{ event_type: 'session_start' }]
    const list = [
      { identity_type: 'email', identity: 'a@example.org', timestamp_unixtime_ms: 1 },
      { identity_type: 'customer_id', identity: 'C' },
    ]
    const map = { email: 'a@example.org', customer_id: 'C' }
    const of = (user_identities: object) =>
      requestOf({ events, user_identities }, registration(everything)).user_identities
    expect(of(list)).toEqual(of(map))
    expect(of(list)).toHaveLength(2)
  })
})
