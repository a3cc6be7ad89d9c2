import { describe, expect, it } from 'vitest'
import { mergeParts, type Part } from '../../../worker/connections/outbound'
import {
  applyParts,
  customEvent,
  messageOf,
  mpid,
  partOf,
  receivedMs,
  s3Settings,
} from '../../support/outbound'

const ids = ['00000000000000a1', '00000000000000b2', '00000000000000c3']

/** Uploads of one window, a second apart. */
const windowOf = (bodies: object[], facts: Partial<Part>[] = []): Part[] =>
  bodies.map((body, i) =>
    partOf(body, { received_ms: receivedMs + i * 1000, ids: ids[i]!, ...facts[i] })
  )

const everything = s3Settings({
  include_consent_state: true,
  include_mp_deviceid: true,
})
const merged = (...bodies: object[]) => messageOf(windowOf(bodies), everything)

describe('the uploads of a window', () => {
  it('are nothing when there are none', () => {
    expect(mergeParts([], mpid)).toBeUndefined()
  })

  it('become one batch with their events in order of arrival, with different ids', () => {
    const message = merged(
      { events: [customEvent('a'), customEvent('b')] },
      { events: [] },
      { events: [customEvent('c')] }
    )
    expect(message.events.map((event) => event.data.event_name)).toEqual(['a', 'b', 'c'])
    expect(new Set(message.events.map((event) => event.data.event_id)).size).toBe(3)
    expect(message.timestamp_unixtime_ms).toBe(String(receivedMs + 2000))
  })

  it('get a batch id that none of them has, and that is the same when made again', () => {
    const bodies = [{ events: [customEvent('a')] }, { events: [customEvent('b')] }]
    const parts = windowOf(bodies)
    const ids = parts.map((part) => messageOf([part]).batch_id)
    expect(new Set([...ids, messageOf(parts).batch_id]).size).toBe(3)
    expect(messageOf(parts).batch_id).toBe(messageOf(windowOf(bodies)).batch_id)
  })

  it.each([
    ['user_attributes', { plan: 'free', a: 1 }, { plan: 'pro' }],
    ['device_info', { platform: 'web' }, { platform: 'iOS' }],
    ['application_info', { application_name: 'A' }, { application_name: 'B' }],
    ['consent_state', { gdpr: { a: { consented: true } } }, { gdpr: {} }],
    ['integration_attributes', { '1': { a: 'b' } }, { '2': {} }],
    ['context', { data_plan: { plan_id: 'a' } }, { data_plan: { plan_id: 'b' } }],
    ['mp_deviceid', 'one', 'two'],
    ['sdk_version', '1', '2'],
    ['a_field_of_tomorrow', [1], { now: 'other' }],
  ])('have the newest %s that one of them had', (name, older, newer) => {
    expect(merged({ [name]: older }, { [name]: newer }, { [name]: null })[name]).toEqual(newer)
    expect(merged({ [name]: older }, {}, {})[name]).toEqual(older)
    expect(merged({ [name]: newer }, { [name]: older })[name]).toEqual(older)
  })

  it('have the newest identities, as a whole', () => {
    const message = merged(
      { user_identities: { email: 'a', google: 'g' } },
      { user_identities: { email: 'b', google: null } },
      { user_identities: null }
    )
    expect(message.user_identities).toMatchObject([{ identity_type: 'email', identity: 'b' }])
    expect(message.user_identities).toHaveLength(1)
  })

  it.each([
    ['are united', [{ d: ['a'] }, { d: ['b', 'a'] }], ['a', 'b']],
    ['are less those that were set again', [{ d: ['a', 'b'] }, { set: { a: 1 } }], ['b']],
    ['stay when the name was set before', [{ set: { a: 1 } }, { d: ['a'] }], ['a']],
    ['are left out when none is left', [{ d: ['a'] }, { set: { a: null } }], undefined],
    ['pass over what is no name', [{ d: ['a', 5, null] }, { d: 'b' }], ['a']],
  ])('have deleted attributes that %s', (_how, steps, expected) => {
    const bodies = steps.map(({ d, set }: { d?: unknown; set?: unknown }) => ({
      deleted_user_attributes: d,
      user_attributes: set,
    }))
    expect(merged(...bodies).deleted_user_attributes).toEqual(expected)
  })

  it.each([
    [['a', 'a'], 'a'],
    [['a', 'b'], undefined],
    [['a', undefined], undefined],
    [['a'], 'a'],
    [[5], 5],
    [[null], undefined],
  ])('with the request ids %j have %j', (ids, expected) => {
    const bodies = ids.map((source_request_id) => ({ source_request_id }))
    expect(merged(...bodies).source_request_id).toBe(expected)
  })

  it('bring all their consent notifications, in order, with times as text', () => {
    const change = (purpose: string, timestamp_unixtime_ms: number) => ({
      type: 'gdpr_change',
      data: { purpose, current: { consented: true, timestamp_unixtime_ms }, old: null },
    })
    const parts = windowOf(
      [{}, {}],
      [{ notifications: [change('a', 1)] }, { notifications: [change('b', 2)] }]
    )
    expect(messageOf(parts).system_notifications).toMatchObject([
      { data: { purpose: 'a', current: { timestamp_unixtime_ms: '1' } } },
      { data: { purpose: 'b', current: { timestamp_unixtime_ms: '2' } } },
    ])
  })

  it.each<[unknown[], string | undefined]>([
    [[{ partner: 'Feed' }], 'Feed'],
    [[{ partner: 'Old' }, { partner: 'New' }], 'New'],
    [[{ partner: 'Old' }, undefined], undefined],
    [[{ partner: '' }], undefined],
    [[{ partner: 7 }], undefined],
    [[{ partner: { name: 'Feed' } }], undefined],
    [['Feed'], undefined],
    [[{ partner: 'Feed', channel: 'forged', is_historical: true, more: 1 }], 'Feed'],
  ])(
    'with the sources %j are of the partner %s, and else of what the server saw',
    (sources, partner) => {
      const message = merged(...sources.map((source_info) => ({ source_info })))
      const expected = partner === undefined ? {} : { partner }
      expect(message.source_info).toEqual({ channel: 'javascript', ...expected })
    }
  )

  it('have the source and the address of the newest', () => {
    const parts = windowOf(
      [{ ip: '198.51.100.1' }, {}],
      [
        { edge: { channel: 'javascript', ip: '203.0.113.1', user_agent: 'Old' } },
        { edge: { channel: 'javascript', ip: '203.0.113.2', user_agent: 'New' } },
      ]
    )
    expect(messageOf(parts)).toMatchObject({
      ip: '203.0.113.2',
      device_info: { http_header_user_agent: 'New' },
    })
  })
})

describe('an application of settings', () => {
  const parts = windowOf([
    { events: [customEvent('a'), customEvent('b')] },
    { events: [{ event_type: 'screen_view' }, { event_type: 'validation_result' }] },
  ])

  it.each([
    {},
    { send_as_batch: false },
    { send_custom_events: false },
    { send_custom_events: false, send_screen_views: false, send_batches_without_events: false },
  ])('with %j gives the same texts each time', (settings) => {
    expect(applyParts(parts, s3Settings(settings))).toEqual(applyParts(parts, s3Settings(settings)))
  })

  it.each([
    [{}, { validation_result: 1 }],
    [{ send_custom_events: false }, { send_custom_events: 2, validation_result: 1 }],
    [
      { send_as_batch: false, send_screen_views: false },
      { send_screen_views: 1, validation_result: 1 },
    ],
    [
      { send_custom_events: false, send_screen_views: false, send_batches_without_events: false },
      { send_custom_events: 2, send_screen_views: 1, validation_result: 1 },
    ],
  ])('with %j accounts for each event', (settings, filtered) => {
    const applied = applyParts(parts, s3Settings(settings))
    const sent = applied.deliveries.reduce((sum, delivery) => sum + delivery.events, 0)
    const left = Object.values(applied.filtered).reduce((sum, count) => sum + count, 0)
    expect(applied).toMatchObject({ accepted: 4, filtered })
    expect(sent + left).toBe(4)
  })
})
