import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../worker/base/json'
import { contextOf, mobileEvent } from '../../../support/mobile-event'
import { mappedOf, messageId, requestId } from '../../../support/mobile-request'

const time = Date.UTC(2026, 10, 21, 2, 50, 19, 105)
const uuid = /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

const session = { id: 's-1', startTimestamp: '2026-11-21T02:49:19.105Z' }
const stopped = { ...session, stopTimestamp: '2026-11-21T02:50:19.105Z' }

const eventsOf = (...events: object[]) => mappedOf({ events }).events.map((one) => one.event)
const dataOf = (event: object): Record<string, Json> => {
  const [first] = eventsOf(event)
  const {
    timestamp_unixtime_ms: _time,
    session_uuid: _session,
    session_start_unixtime_ms: _start,
    source_message_id: _id,
    event_num: _num,
    ...data
  } = (first?.data ?? {}) as Record<string, Json>
  return data
}

describe('an event', () => {
  const more = { attributes: { level: 'one' }, metrics: { score: 7 } }
  const custom_attributes = { level: 'one', score: 7 }

  it.each<[string, Record<string, unknown>, string, object]>([
    ['_session.start', { session }, 'session_start', {}],
    [
      '_session.stop',
      { session: { ...stopped, duration: 61_000 }, ...more },
      'session_end',
      { session_duration_ms: 61_000, custom_attributes },
    ],
    [
      '_session.stop',
      { session: { ...stopped, duration: null } },
      'session_end',
      { session_duration_ms: 60_000 },
    ],
    ['_session.stop', { session }, 'session_end', {}],
    [
      '_session.stop',
      { session: { ...session, stopTimestamp: '2020-01-01T00:00:00Z' } },
      'session_end',
      {},
    ],
    [
      '_session.pause',
      more,
      'application_state_transition',
      { application_transition_type: 'application_background', custom_attributes },
    ],
    [
      '_session.resume',
      more,
      'application_state_transition',
      { application_transition_type: 'application_foreground', custom_attributes },
    ],
    [
      '_userauth.sign_in',
      {},
      'custom_event',
      { event_name: '_userauth.sign_in', custom_event_type: 'other' },
    ],
    [
      'Level ✓',
      more,
      'custom_event',
      { event_name: 'Level ✓', custom_event_type: 'other', custom_attributes },
    ],
    [
      'Both',
      { attributes: { a: 'x', 'a (metric)': 'y' }, metrics: { a: 1 } },
      'custom_event',
      {
        event_name: 'Both',
        custom_event_type: 'other',
        custom_attributes: { a: 'x', 'a (metric)': 'y', 'a (metric) (metric)': 1 },
      },
    ],
  ])('%s with %j is a %s', (type, fields, event_type, data) => {
    const event = mobileEvent(type, fields)
    expect(eventsOf(event)[0]?.event_type).toBe(event_type)
    expect(dataOf(event)).toEqual(data)
  })

  it('has its time, its session and its place', () => {
    const [first, second] = eventsOf(mobileEvent('a'), mobileEvent('b', { session }))
    expect(first?.data).toMatchObject({ timestamp_unixtime_ms: time, event_num: 0 })
    expect(first?.data).not.toHaveProperty('session_uuid')
    expect(second?.data).toMatchObject({
      event_num: 1,
      session_uuid: 's-1',
      session_start_unixtime_ms: time - 60_000,
    })
  })

  it('has an id of its own that comes again with the same request', () => {
    const twice = [mobileEvent('a'), mobileEvent('a')]
    const ids = (facts: object) => mappedOf({ events: twice, facts }).events.map(messageId)
    expect(ids({})).toEqual(ids({}))
    const all = [...ids({}), ...ids({ digest: 'f'.repeat(64) })]
    expect(new Set(all).size).toBe(4)
    for (const id of all) expect(id).toMatch(uuid)
  })

  it('keeps the digits of its metrics', () => {
    const body = JSON.stringify({ events: [mobileEvent('a', { metrics: { m: 0 } })] })
    const digits = '12345678901234567890'
    const { events } = mappedOf({ body: body.replace('"m":0', `"m":${digits}`) })
    expect(JSON.stringify(events[0]?.event)).toContain(digits)
  })
})

describe('a start of a session with attributes', () => {
  const started = mobileEvent('_session.start', {
    session,
    attributes: { build: 'beta' },
    metrics: { cohort: 7 },
  })

  it('is a custom event, too, for those who keep session attributes', () => {
    const [start, more, ...others] = mappedOf({ events: [started] }).events
    expect(others).toEqual([])
    expect(start?.event).toMatchObject({ event_type: 'session_start' })
    expect(start?.event.data).not.toHaveProperty('custom_attributes')
    expect(start?.neededSetting).toBeUndefined()
    expect(more).toMatchObject({
      neededSetting: 'keep_session_attributes',
      event: {
        event_type: 'custom_event',
        data: {
          event_name: '_session.start',
          custom_attributes: { build: 'beta', cohort: 7 },
          session_uuid: 's-1',
        },
      },
    })
    const ids = [start, more].map(messageId)
    expect(new Set(ids).size).toBe(2)
  })
})

describe('a purchase', () => {
  const bought = (attributes: object, metrics: object = {}) =>
    dataOf(mobileEvent('_monetization.purchase', { attributes, metrics }))
  const sword = { _product_id: 'sword', _currency: 'USD' }

  it('has product, price and amount', () => {
    const data = bought(
      { ...sword, _store: 'Apple', _transaction_id: 'T-1' },
      { _item_price: 1.1, _quantity: 3 }
    )
    expect(data).toEqual({
      currency_code: 'USD',
      product_action: {
        action: 'purchase',
        transaction_id: 'T-1',
        affiliation: 'Apple',
        total_amount: 3.3,
        products: [{ id: 'sword', price: 1.1, quantity: 3, total_product_amount: 3.3 }],
      },
    })
  })

  it.each<[string, object, object, object]>([
    [
      'a formatted price',
      { _item_price_formatted: '2,49 €' },
      { _quantity: 2 },
      { price: 2.49, quantity: 2, total_product_amount: 4.98 },
    ],
    ['a price and no quantity', {}, { _item_price: 5 }, { price: 5, total_product_amount: 5 }],
    ['no price', {}, { _quantity: 2 }, { quantity: 2 }],
    ['a price that is none', { _item_price_formatted: 'free' }, {}, {}],
  ])('with %s has what is known', (_what, attributes, metrics, product) => {
    const { product_action: action } = bought({ ...sword, ...attributes }, metrics)
    const { total_product_amount: total_amount } = product as { total_product_amount?: number }
    expect(action).toEqual({
      action: 'purchase',
      ...(total_amount === undefined ? {} : { total_amount }),
      products: [{ id: 'sword', ...product }],
    })
  })

  it('keeps all else as custom attributes, its formatted price included', () => {
    const data = bought(
      { ...sword, _item_price_formatted: '$5', gift: 'yes' },
      { _quantity: 1, cohort: 7 }
    )
    expect(data.custom_attributes).toEqual({ _item_price_formatted: '$5', gift: 'yes', cohort: 7 })
  })
})

describe('a batch', () => {
  const batchOf = (given: Parameters<typeof mappedOf>[0]) => mappedOf(given).batch
  const env = (fields: object) => contextOf({ env: fields })

  it('is of the client’s device, app and request', () => {
    const client = {
      client_id: 'c-1',
      app_title: 'Example App',
      app_version_name: '1.4.1',
      app_version_code: '42',
      app_package_name: 'com.example.app',
    }
    const device = {
      platform: 'android',
      platform_version: '4.4',
      model: 'KFTT',
      make: 'Amazon',
      locale: 'en_US',
    }
    expect(
      batchOf({ context: { ...contextOf({ client }), env: device, custom: { tier: 'gold' } } })
    ).toEqual({
      source_request_id: requestId,
      environment: 'production',
      mp_deviceid: 'c-1',
      application_info: {
        application_name: 'Example App',
        application_version: '1.4.1',
        application_build_number: '42',
        package: 'com.example.app',
      },
      device_info: {
        platform: 'Android',
        os_version: '4.4',
        device_model: 'KFTT',
        device_manufacturer: 'Amazon',
        locale_language: 'en',
        locale_country: 'US',
      },
    })
  })

  it.each([
    ['iPhoneOS', false, 'iOS'],
    ['ios', true, 'iOS'],
    ['ANDROID', false, 'Android'],
    ['windowsphone', false, 'out_of_band'],
    ['windows', true, 'web'],
    ['', false, 'out_of_band'],
    ['', true, 'web'],
  ])('of platform "%s", from a browser: %s, is of %s', (platform, is_browser, expected) => {
    const { device_info } = batchOf({ context: env({ platform }), facts: { is_browser } })
    expect(device_info).toEqual({ platform: expected })
  })

  it.each<[string, object]>([
    ['de', { locale_language: 'de' }],
    ['de-AT', { locale_language: 'de', locale_country: 'AT' }],
    ['zh_Hans_CN', { locale_language: 'zh', locale_country: 'CN' }],
    ['es-419', { locale_language: 'es', locale_country: '419' }],
  ])('of locale %s has %j', (locale, expected) => {
    const { device_info } = batchOf({ context: env({ locale }) })
    expect(device_info).toEqual({ platform: 'out_of_band', ...expected })
  })

  it('is of the environment of its app', () => {
    expect(batchOf({ options: { environment: 'development' } }).environment).toBe('development')
  })

  it('names the customer by the last event that does, where the app says by which attribute', () => {
    const events = [
      mobileEvent('a', { attributes: { user: 'u-1' } }),
      mobileEvent('b', { attributes: { user: 'u-2' } }),
      mobileEvent('c', { attributes: { user: '' } }),
    ]
    expect(batchOf({ events })).not.toHaveProperty('user_identities')
    const options = { customer_id_attribute: 'user' }
    expect(batchOf({ events, options }).user_identities).toEqual({ customer_id: 'u-2' })
    expect(batchOf({ options })).not.toHaveProperty('user_identities')
  })

  it('has what describes the installation as user attributes, where the app says so', () => {
    const context = contextOf({ custom: { tier: 'gold', tag: null, n: 7, deep: { a: 1 } } })
    expect(batchOf({ context })).not.toHaveProperty('user_attributes')
    const options = { custom_as_user_attributes: true }
    expect(batchOf({ context, options }).user_attributes).toEqual({
      tier: 'gold',
      tag: null,
      n: 7,
      deep: '{"a":1}',
    })
  })
})
