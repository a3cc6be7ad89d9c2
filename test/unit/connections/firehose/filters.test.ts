import { describe, expect, it } from 'vitest'
import type { EventRegistration, Permissions } from '../../../../sdk/firehose/registration'
import type { Part } from '../../../../worker/connections/outbound'
import { converted, registration, requestOf } from '../../../support/firehose'
import { partOf, receivedMs } from '../../../support/outbound'

const hourMs = 3_600_000
const custom = (event_name: string, age_ms = 0) => ({
  event_type: 'custom_event',
  data: { event_name, timestamp_unixtime_ms: receivedMs - age_ms },
})
const push = (payload: unknown, push_message_type = 'received') => ({
  event_type: 'push_message',
  data: { push_message_type, push_notification_payload: payload },
})
const email = [{ type: 'email' as const, encoding: 'raw' as const, required: true }]

interface Case {
  events: { event_type: string; data?: object }[]
  body?: object
  part?: Partial<Part>
  permissions?: Permissions
  wanted?: EventRegistration
}

const applied = ({ events, body, part, permissions, wanted }: Case) => {
  const result = converted([partOf({ ...body, events }, part)], registration(permissions, wanted))
  const sent = result.deliveries.reduce((sum, delivery) => sum + delivery.events, 0)
  const left = Object.values(result.filtered).reduce((sum, count) => sum + count, 0)
  expect(sent + left).toBe(result.accepted)
  expect(result.accepted).toBe(events.length)
  return { sent, filtered: result.filtered, requests: result.deliveries.length }
}

describe('a batch', () => {
  const events = [custom('a'), custom('b'), { event_type: 'breadcrumb' }]

  it.each<[string, Omit<Case, 'events'>, string]>([
    [
      'that is historical',
      { part: { edge: { channel: 'server_to_server', is_historical: true } } },
      'include_historical',
    ],
    [
      'of a runtime that is not supported',
      {
        wanted: { supported_runtime_environments: ['ios', 'android'] },
        body: { device_info: { platform: 'web' } },
      },
      'supported_runtime_environments',
    ],
    [
      'of a user without a required identity',
      { permissions: { user_identities: email } },
      'required_identities',
    ],
  ])('%s is not sent, and all of its events are counted', (_title, testCase, reason) => {
    expect(applied({ events, ...testCase })).toEqual({
      sent: 0,
      requests: 0,
      filtered: { [reason]: 3 },
    })
    expect(
      applied({
        events: [],
        ...testCase,
        permissions: { ...testCase.permissions, allow_eventless_batches: true },
      })
    ).toEqual({
      sent: 0,
      requests: 0,
      filtered: {},
    })
  })

  it('of an integration that wants no events is not sent', () => {
    const { event_processing_registration: _, ...rest } = registration()
    expect(converted([partOf({ events })], rest)).toEqual({
      deliveries: [],
      accepted: 3,
      filtered: { supported_event_types: 3 },
    })
  })

  it('that is historical is sent to a connection that includes them', () => {
    const part = partOf({ events }, { edge: { channel: 'server_to_server', is_historical: true } })
    expect(converted([part], registration(), { include_historical: true }).deliveries).toHaveLength(
      1
    )
  })

  it.each<[string, EventRegistration, object]>([
    [
      'a runtime of the list',
      { supported_runtime_environments: ['ios', 'mobileweb'] },
      { platform: 'web' },
    ],
    [
      'any runtime where there is no list',
      { supported_runtime_environments: [] },
      { platform: 'web' },
    ],
    [
      'a runtime of no name where that is in the list',
      { supported_runtime_environments: ['unknown'] },
      {},
    ],
  ])('of %s is sent', (_, wanted, device_info) => {
    expect(applied({ events, wanted, body: { device_info } })).toMatchObject({ sent: 2 })
  })

  it.each<[string, object]>([
    ['a user identity', { user_identities: { email: 'a' } }],
    ['a device identity', { device_info: { platform: 'iOS', ios_idfv: 'x' } }],
    ['a partner’s identity', { partner_identities: { Acme_uid: 'u' } }],
  ])('of a user with %s is sent where any of several is required', (_, body) => {
    const permissions: Permissions = {
      user_identities: email,
      device_identities: [{ type: 'ios_vendor_id', encoding: 'md5', required: true }],
      partner_identities: [{ type: 'Acme_uid', encoding: 'raw', required: true }],
    }
    expect(applied({ events, body, permissions })).toMatchObject({ sent: 2, requests: 1 })
  })

  it('of a user with an identity that is permitted but not required is not sent', () => {
    const permissions: Permissions = {
      user_identities: [...email, { type: 'customer', encoding: 'raw' }],
    }
    expect(
      applied({ events, body: { user_identities: { customer_id: 'c' } }, permissions })
    ).toEqual({
      sent: 0,
      requests: 0,
      filtered: { required_identities: 3 },
    })
  })

  it.each<[string, boolean, object[], number]>([
    ['without events', false, [], 0],
    ['without events', true, [], 1],
    ['of which no event is left', false, [{ event_type: 'breadcrumb' }], 0],
    ['of which no event is left', true, [{ event_type: 'breadcrumb' }], 1],
  ])(
    '%s, where eventless ones are allowed: %s',
    (_title, allow_eventless_batches, events, requests) => {
      const result = applied({
        events: events as Case['events'],
        permissions: { allow_eventless_batches },
      })
      expect(result).toMatchObject({ sent: 0, requests })
    }
  )

  it('without events has an empty list of them', () => {
    expect(requestOf({}, registration({ allow_eventless_batches: true })).events).toEqual([])
  })
})

describe('an event', () => {
  it('of a type that is not registered is not sent', () => {
    const wanted: EventRegistration = { supported_event_types: ['screen_view'] }
    const events = [custom('a'), { event_type: 'screen_view', data: { screen_name: 's' } }]
    expect(applied({ events, wanted })).toEqual({
      sent: 1,
      requests: 1,
      filtered: { supported_event_types: 1 },
    })
    expect(applied({ events, wanted: { supported_event_types: [] } }).sent).toBe(0)
  })

  it.each<[string, number | undefined, number, boolean]>([
    ['of 24 hours', undefined, 24 * hourMs, true],
    ['of more than 24 hours', undefined, 24 * hourMs + 1, false],
    ['of an hour', 1, hourMs, true],
    ['of more than an hour', 1, hourMs + 1, false],
    ['of no age', 0, 0, true],
    ['of any age', 0, 1, false],
    ['of a year', -1, 365 * 24 * hourMs, true],
    ['of a time to come', 1, -hourMs, true],
  ])('%s, where max_data_age_hours is %s', (_, max_data_age_hours, age, isSent) => {
    const { event_processing_registration: wanted, ...rest } = registration()
    const { max_data_age_hours: __, ...others } = wanted ?? {}
    const incomplete = {
      ...rest,
      event_processing_registration:
        max_data_age_hours === undefined ? others : { ...others, max_data_age_hours },
    }
    const { deliveries, filtered } = converted([partOf({ events: [custom('a', age)] })], incomplete)
    expect([deliveries.length, filtered]).toEqual(isSent ? [1, {}] : [0, { max_data_age_hours: 1 }])
  })

  it('is as old as it was when it came in, whenever that was', () => {
    const parts = [-48, 0].map((hours) =>
      partOf(
        { events: [{ event_type: 'custom_event', data: { event_name: 'x' } }] },
        { received_ms: receivedMs + hours * hourMs }
      )
    )
    const result = converted(parts, registration({}, { max_data_age_hours: 1 }))
    expect(result).toMatchObject({ accepted: 2, filtered: {}, deliveries: [{ events: 2 }] })
  })

  it('of a changed attribute needs the permission of attributes', () => {
    const events = [
      { event_type: 'user_attribute_change', data: { user_attribute_name: 'a', new: 'x' } },
    ]
    expect(applied({ events }).filtered).toEqual({ allow_user_attributes: 1 })
    expect(applied({ events, permissions: { allow_user_attributes: true } }).sent).toBe(1)
  })

  it('of a changed identity needs that of the identity', () => {
    const data = {
      new: { identity_type: 'email', identity: 'a' },
      old: { identity_type: 'google', identity: 'b' },
    }
    const events = [{ event_type: 'user_identity_change', data }]
    expect(applied({ events }).filtered).toEqual({ user_identities: 1 })
    const permissions: Permissions = { user_identities: [{ type: 'google', encoding: 'raw' }] }
    expect(applied({ events, permissions }).sent).toBe(1)
  })

  it.each<[unknown, boolean]>([
    ['{"acme":"{}","other":1}', true],
    ['{"aps":{},"acme":{"a":1}}', true],
    [{ acme: null }, true],
    ['{"other":{"acme":1}}', false],
    ['{"other":1}', false],
    ['["acme"]', false],
    ['acme', false],
    ['{"acme":', false],
    [undefined, false],
  ])('of a push with the payload %j is the provider’s: %s', (payload, isSent) => {
    for (const kind of ['received', 'action']) {
      const { sent, filtered } = applied({ events: [push(payload, kind)] })
      expect([sent, filtered]).toEqual(isSent ? [1, {}] : [0, { push_messaging_provider_id: 1 }])
    }
  })

  it('of a push is not sent where no provider is registered', () => {
    const { event_processing_registration: wanted, ...rest } = registration()
    const { push_messaging_provider_id: _, ...others } = wanted ?? {}
    const incomplete = { ...rest, event_processing_registration: others }
    expect(converted([partOf({ events: [push('{"acme":1}')] })], incomplete).filtered).toEqual({
      push_messaging_provider_id: 1,
    })
  })

  it('that was derived from another is neither sent nor counted', () => {
    const part = partOf({ events: [custom('start'), custom('more')] })
    const [first, second] = part.events
    const events = [first!, { ...second!, neededSetting: 'keep_session_attributes' as const }]
    const { deliveries, accepted } = converted([{ ...part, events }], registration())
    expect(accepted).toBe(1)
    expect(JSON.parse(deliveries[0]!.text).events).toMatchObject([{ name: 'start' }])
  })

  it('keeps its position among the remaining ones', () => {
    const events = [custom('a'), { event_type: 'profile' }, custom('b'), custom(''), custom('c')]
    expect(requestOf({ events }, registration()).events.map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
    ])
  })
})
