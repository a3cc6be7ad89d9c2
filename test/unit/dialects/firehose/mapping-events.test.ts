import { describe, expect, it } from 'vitest'
import { type Json, parseJson, stringifyJson } from '../../../../worker/base/json'
import { readEvents } from '../../../../worker/dialects/firehose/events'
import { eventOf } from '../../../support/firehose-messages'

const events = (...given: object[]) => readEvents(JSON.parse(JSON.stringify(given))).events
const common = { id: 'i', timestamp_ms: 5 }
const commonData = { source_message_id: 'i', timestamp_unixtime_ms: 5 }

type Row = [type: string, fields: object, eventType: string, data: object]

const attributes = { size: '44' }
const flags = { 'Acme.kind': 'landing' }
const product = { id: 'sku', price: 19.99, position: 1, total_amount: 79.96, attributes }
const told = { total_product_amount: 79.96, custom_attributes: attributes }
const canonicalProduct = { id: 'sku', price: 19.99, position: 1, ...told }
const email = { type: 'email', encoding: 'raw', value: 'a@example.org' }
const rawEmail = { identity_type: 'email', identity: 'a@example.org' }
const initialized = { application_transition_type: 'application_initialized' }

const rows: Row[] = [
  ['session_start', {}, 'session_start', {}],
  ['session_end', { session_length_ms: 7 }, 'session_end', { session_duration_ms: 7 }],
  [
    'custom_event',
    { name: 'n', custom_event_type: 'search', attributes, custom_flags: flags },
    'custom_event',
    {
      event_name: 'n',
      custom_event_type: 'search',
      custom_attributes: attributes,
      custom_flags: flags,
    },
  ],
  [
    'screen_view',
    { screen_name: 's', attributes, custom_flags: flags },
    'screen_view',
    { screen_name: 's', custom_attributes: attributes, custom_flags: flags },
  ],
  [
    'error',
    { message: 'm', is_crash: true, stack_trace: 't', breadcrumbs: ['b'], attributes },
    'crash_report',
    {
      message: 'm',
      exception_handled: false,
      stack_trace: 't',
      breadcrumbs: [{ event_type: 'breadcrumb', data: { label: 'b' } }],
      custom_attributes: attributes,
    },
  ],
  [
    'privacy_setting_change',
    { setting: 'app_data_collection', is_enabled: false },
    'opt_out',
    { is_opted_out: true },
  ],
  ['error', { is_crash: 'true' }, 'crash_report', { exception_handled: false }],
  ['error', { is_crash: 'False' }, 'crash_report', { exception_handled: true }],
  ['error', { is_crash: 'perhaps' }, 'crash_report', { is_crash: 'perhaps' }],
  ...Object.entries({ true: false, True: false, false: true, False: true }).map(
    ([is_enabled, is_opted_out]): Row => [
      'privacy_setting_change',
      { setting: 'app_data_collection', is_enabled },
      'opt_out',
      { is_opted_out },
    ]
  ),
  [
    'privacy_setting_change',
    { setting: 'app_data_collection', is_enabled: 'perhaps' },
    'opt_out',
    { is_enabled: 'perhaps' },
  ],
  ['privacy_setting_change', { setting: 'app_data_collection' }, 'opt_out', {}],
  [
    'privacy_setting_change',
    { setting: 'of tomorrow', is_enabled: false },
    'privacy_setting_change',
    { setting: 'of tomorrow', is_enabled: false },
  ],
  [
    'user_attribute_change',
    { added: { vip: 'true' }, removed: { vip: 'false' } },
    'user_attribute_change',
    {
      user_attribute_name: 'vip',
      new: 'true',
      old: 'false',
      deleted: false,
      is_new_attribute: false,
    },
  ],
  [
    'user_attribute_change',
    { added: { tag: null } },
    'user_attribute_change',
    { user_attribute_name: 'tag', new: null, old: null, deleted: false, is_new_attribute: true },
  ],
  [
    'user_attribute_change',
    { removed: { gone: 'x' } },
    'user_attribute_change',
    { user_attribute_name: 'gone', new: null, old: 'x', deleted: true, is_new_attribute: false },
  ],
  [
    'user_identity_change',
    { added: [email], removed: [{ ...email, value: 'old@example.org' }] },
    'user_identity_change',
    { new: rawEmail, old: { ...rawEmail, identity: 'old@example.org' } },
  ],
  [
    'user_identity_change',
    { added: [{ type: 'customer', encoding: 'md5', value: 'abc' }] },
    'user_identity_change',
    { new: { identity_type: 'customer_id', encoding: 'md5', value: 'abc' }, old: null },
  ],
  [
    'push_subscription',
    { action: 'subscribe', token: 't' },
    'push_registration',
    { register: true, registration_token: 't' },
  ],
  [
    'push_subscription',
    { action: 'unsubscribe', token: 't' },
    'push_registration',
    { register: false, registration_token: 't' },
  ],
  [
    'push_message_receipt',
    { payload: '{"a":1}' },
    'push_message',
    { push_message_type: 'received', push_notification_payload: '{"a":1}' },
  ],
  [
    'push_message_open',
    { payload: '{"a":1}' },
    'push_message',
    { push_message_type: 'action', push_notification_payload: '{"a":1}' },
  ],
  [
    'application_state_transition',
    { application_state: 'install', launch_referral: 'r', source_package: 'p' },
    'application_state_transition',
    { ...initialized, is_first_run: true, launch_referral: 'r', source_package: 'p' },
  ],
  [
    'application_state_transition',
    { application_state: 'upgrade' },
    'application_state_transition',
    { ...initialized, is_upgrade: true },
  ],
  [
    'application_state_transition',
    { application_state: 'initialize' },
    'application_state_transition',
    initialized,
  ],
  ...['exit', 'background', 'foreground'].map(
    (state): Row => [
      'application_state_transition',
      { application_state: state },
      'application_state_transition',
      { application_transition_type: `application_${state}` },
    ]
  ),
  [
    'product_action',
    {
      action: 'purchase',
      transaction_id: 't',
      affiliation: 'web',
      total_amount: 11,
      tax_amount: 1,
      shipping_amount: 0,
      coupon_code: 'c',
      currency_code: 'USD',
      products: [product],
      attributes,
      custom_flags: flags,
    },
    'commerce_event',
    {
      currency_code: 'USD',
      custom_attributes: attributes,
      custom_flags: flags,
      product_action: {
        action: 'purchase',
        transaction_id: 't',
        affiliation: 'web',
        total_amount: 11,
        tax_amount: 1,
        shipping_amount: 0,
        coupon_code: 'c',
        products: [canonicalProduct],
      },
    },
  ],
  [
    'promotion_action',
    { action: 'click', promotions: [{ id: 'p', position: 'top' }], attributes },
    'commerce_event',
    {
      promotion_action: { action: 'click', promotions: [{ id: 'p', position: 'top' }] },
      custom_attributes: attributes,
    },
  ],
  [
    'impression',
    { impressions: [{ impression_list_name: 'grid', products: [product] }] },
    'commerce_event',
    { product_impressions: [{ product_impression_list: 'grid', products: [canonicalProduct] }] },
  ],
  [
    'attribution',
    { name: 'install', partner_name: 'P', publisher_name: 'AdNet', campaign_name: 'Spring' },
    'custom_event',
    {
      event_name: 'install',
      custom_event_type: 'attribution',
      partner_name: 'P',
      publisher_name: 'AdNet',
      campaign_name: 'Spring',
      custom_attributes: { publisher: 'AdNet', campaign: 'Spring' },
    },
  ],
  ['hologram_view', { depth: [1, { far: true }] }, 'hologram_view', { depth: [1, { far: true }] }],
]

describe('an event', () => {
  it.each(rows)('%s with %j becomes a %s', (type, fields, event_type, data) => {
    expect(events({ type, ...common, ...fields })).toEqual([
      { event_type, data: { ...data, ...commonData } },
    ])
  })

  it.each(rows.map(([type, fields]) => [type, fields] as const))(
    '%s with %j keeps the fields that nobody knows',
    (type, fields) => {
      const [event] = events({ type, ...common, ...fields, of_tomorrow: { deep: [1] } })
      expect(event?.data).toMatchObject({ of_tomorrow: { deep: [1] } })
    }
  )

  it('with an id of its source keeps both', () => {
    const [event] = events(eventOf('session_start', { id: 'own', source_id: 'client' }))
    expect(event?.data).toMatchObject({ source_message_id: 'client', id: 'own' })
  })

  it('without a session has none, though it says 0', () => {
    for (const session_id of [0, '0']) {
      expect(events(eventOf('session_start', { session_id }))[0]?.data).not.toHaveProperty(
        'session_id'
      )
    }
  })

  it.each(['-1096377938905861812', '9223372036854775807', '123456789'])(
    'keeps each digit of the session %s',
    (digits) => {
      const given = parseJson(`[{"type":"session_start","session_id":${digits}}]`)
      const [event] = readEvents(given).events
      expect(stringifyJson(event ?? null)).toContain(`"session_id":${digits}}`)
    }
  )

  it('of several changes becomes several, each with an id of its own that stays', () => {
    const change = eventOf('user_attribute_change', {
      added: { a: '1', b: '2' },
      removed: { c: '3' },
    })
    const made = events(change)
    const data = made.map((one) => one.data as Record<string, Json>)
    expect(data.map((one) => one.user_attribute_name)).toEqual(['a', 'b', 'c'])
    expect(new Set(data.map((one) => one.source_message_id)).size).toBe(3)
    expect(data[0]?.source_message_id).toBe(change.id)
    expect(events(change)).toEqual(made)
  })

  it('of identities that are none tells them as they came', () => {
    const added = [email, { type: 'customer', encoding: 'raw' }]
    const [event, more] = events(eventOf('user_identity_change', { added }))
    expect(event?.data).toMatchObject({ added })
    expect(more).toBeUndefined()
  })

  it('passes as it came where that is asked for', () => {
    const { events: made } = readEvents([{ type: 'error', ...common, breadcrumbs: ['b'] }], true)
    expect(made).toEqual([{ event_type: 'error', data: { breadcrumbs: ['b'], ...commonData } }])
  })
})

describe('what is no event', () => {
  it.each([
    ['text', 'events.1'],
    [null, 'events.1'],
    [[], 'events.1'],
    [{}, 'events.1.type'],
    [{ type: '' }, 'events.1.type'],
    [{ type: 5 }, 'events.1.type'],
  ])('such as %j is left out and told; its neighbours stay', (strange, path) => {
    const neighbour = eventOf('session_start')
    const read = readEvents(JSON.parse(JSON.stringify([neighbour, strange, neighbour])))
    expect(read.events).toHaveLength(2)
    expect(read.problems.map((one) => one.path)).toEqual([path])
  })

  it('is told once when the list is none', () => {
    expect(readEvents('events')).toMatchObject({ events: [], problems: [{ path: 'events' }] })
    expect(readEvents(null)).toEqual({ events: [], problems: [] })
  })
})
