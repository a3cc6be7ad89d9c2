import { describe, expect, it } from 'vitest'
import { mpid, partOf, receivedMs } from '../../support/outbound'
import { apply, type Line, linesOf, s3Records } from '../../support/records'
import { day, eventTypes } from '../../support/rich-batch'

type Given = Record<string, unknown>

describe('an event of another dialect as a record', () => {
  const time = 1795229708345
  const recordsOf = (event: object, settings: Given = {}, fields: object = {}) =>
    linesOf(
      apply(partOf({ mp_deviceid: 'device-1', ...fields, events: [event] }), s3Records(settings))
    )
  const recordOf = (event: object, settings: Given = {}, fields: object = {}): Line => {
    const [only, ...others] = recordsOf(event, settings, fields)
    if (!only || others.length > 0) throw new Error('Not one record.')
    return only
  }
  const at = { timestamp_unixtime_ms: time }
  // What every event has of its distinctFields.
  const distinctFields = (line: Line) => {
    const { _event_id, ...attributes } = line.attributes
    return { attributes, metrics: line.metrics }
  }

  it.each<[string, object, string]>([
    ['custom_event', { event_name: 'Wellies viewed' }, 'Wellies viewed'],
    ['custom_event', {}, 'custom_event'],
    ['session_start', {}, '_session.start'],
    ['session_end', {}, '_session.stop'],
    [
      'application_state_transition',
      { application_transition_type: 'application_background' },
      '_session.pause',
    ],
    [
      'application_state_transition',
      { application_transition_type: 'application_foreground' },
      '_session.resume',
    ],
    [
      'application_state_transition',
      { application_transition_type: 'application_exit' },
      'application_state_transition',
    ],
    ['screen_view', { screen_name: 'Home' }, 'screen_view'],
    ['commerce_event', { product_action: { action: 'add_to_cart' } }, 'commerce_event'],
    ['commerce_event', { product_action: { action: 'purchase' } }, '_monetization.purchase'],
    ['hologram_view', {}, 'hologram_view'],
  ])('%s with %j is %s', (event_type, data, expected) => {
    expect(recordOf({ event_type, data }).event_type).toBe(expected)
  })

  it('says when, where from and who', () => {
    const fields = {
      device_info: {
        platform: 'web',
        os_version: '11.2',
        device_model: 'iPhone',
        device_manufacturer: 'apple',
        locale_language: 'en',
        locale_country: 'US',
        http_header_user_agent: 'Mozilla/5.0',
      },
      application_info: {
        application_name: 'Shop',
        application_version: '1.2',
        application_build_number: '7',
        package: 'com.example.shop',
      },
      sdk_version: '2.68.0',
    }
    const {
      unique_id,
      attributes: _,
      ...line
    } = recordOf({ event_type: 'first_run', data: at }, {}, fields)
    expect(unique_id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    expect(line).toEqual({
      application_key: 'web',
      account_id: 'weir',
      event_type: 'first_run',
      timestamp: time,
      arrival_timestamp: receivedMs,
      client_id: mpid,
      platform: 'web',
      platform_version: '11.2',
      model: 'iPhone',
      make: 'apple',
      locale: 'en_US',
      sdk_version: '2.68.0',
      app_title: 'Shop',
      app_version_name: '1.2',
      app_version_code: '7',
      app_package_name: 'com.example.shop',
      user_agent: 'Mozilla/5.0',
      metrics: {},
    })
    const bare = recordOf(
      { event_type: 'first_run', data: at },
      { include_metadata: false },
      fields
    )
    for (const name of ['platform', 'model', 'locale', 'app_title', 'user_agent'])
      expect(bare).not.toHaveProperty(name)
  })

  it('is of the device where the connection includes it, else of the user', () => {
    const event = { event_type: 'first_run' }
    expect(recordOf(event, { include_mp_deviceid: true }).client_id).toBe('device-1')
    expect(recordOf(event).client_id).toBe(mpid)
  })

  it('has numbers as metrics, and all else as attributes', () => {
    const custom_attributes = { colour: 'teal', size: 7, gift: true, none: null, list: [1, 'a'] }
    const data = { ...at, event_name: 'a', custom_event_type: 'other', custom_attributes }
    expect(distinctFields(recordOf({ event_type: 'custom_event', data }))).toEqual({
      attributes: { _custom_event_type: 'other', colour: 'teal', gift: 'true', list: '[1,"a"]' },
      metrics: { size: 7 },
    })
  })

  it('has the fields of its type, and its location where that is included', () => {
    const location = { latitude: 1, longitude: 2 }
    const event = {
      event_type: 'screen_view',
      data: { ...at, screen_name: 'Home', event_num: 3, location },
    }
    expect(distinctFields(recordOf(event))).toEqual({
      attributes: { _screen_name: 'Home', _location: JSON.stringify(location) },
      metrics: { _event_num: 3 },
    })
    expect(recordOf(event, { include_location: false }).attributes).not.toHaveProperty('_location')
  })

  it('has its session as Amazon’s clients do', () => {
    const data = {
      ...at,
      session_uuid: 'S-1',
      session_start_unixtime_ms: time - 60_000,
      session_duration_ms: 60_000,
    }
    expect(recordOf({ event_type: 'session_end', data }).attributes).toMatchObject({
      '_session.id': 'S-1',
      '_session.startTime': String(time - 60_000),
      '_session.stopTime': String(time),
      '_session.duration': '60000',
    })
  })

  it('is one per product of a purchase, one event together, with sums that come out right', () => {
    const products = [
      { id: 'sword', name: 'Sword', price: 2, quantity: 3 },
      { id: 'shield', price: 5, quantity: 1, custom_attributes: { colour: 'teal' } },
    ]
    const product_action = {
      action: 'purchase',
      transaction_id: 'T-1',
      affiliation: 'Apple',
      total_amount: 11,
      products,
    }
    const data = {
      ...at,
      currency_code: 'EUR',
      product_action,
      custom_attributes: { gift: 'yes', points: 4 },
    }
    const event = { event_type: 'commerce_event', data }
    const applied = apply(partOf({ events: [event] }), s3Records())
    expect(applied).toMatchObject({ accepted: 1, deliveries: [{ events: 1 }, { events: 0 }] })
    const lines = linesOf(applied)
    const shared = { _currency: 'EUR', _transaction_id: 'T-1', _store: 'Apple', gift: 'yes' }
    expect(lines.map(distinctFields)).toEqual([
      {
        attributes: { ...shared, _product_id: 'sword', _product_name: 'Sword' },
        metrics: { _item_price: 2, _quantity: 3, points: 4 },
      },
      {
        attributes: {
          ...shared,
          _product_id: 'shield',
          _product_custom_attributes: '{"colour":"teal"}',
        },
        metrics: { _item_price: 5, _quantity: 1 },
      },
    ])
    expect(new Set(lines.map((line) => line.unique_id)).size).toBe(2)
    expect(new Set(applied.deliveries.map((delivery) => delivery.id)).size).toBe(2)
  })

  it('has the total of a purchase in its first record where no product has a price', () => {
    const products = [{ id: 'sword' }, { id: 'shield', price: null }]
    const product_action = { action: 'purchase', total_amount: 11, products }
    const lines = recordsOf({ event_type: 'commerce_event', data: { ...at, product_action } })
    expect(lines.map((line) => line.metrics)).toEqual([{ _total_amount: 11 }, {}])
  })

  it('is a dead letter where the records of one purchase would be too large', () => {
    const custom_attributes = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`attribute-${i}`, 'x'])
    )
    const product_action = { action: 'purchase', products: Array(80_000).fill({ id: 'sword' }) }
    const data = { ...at, product_action, custom_attributes }
    const applied = apply(partOf({ events: [{ event_type: 'commerce_event', data }] }), s3Records())
    expect(applied.deliveries.map((delivery) => delivery.unsendable)).toEqual([
      expect.stringContaining('too large together'),
    ])
  })

  it('exists for every type that is forwarded, with different ids', () => {
    const all = {
      include_user_attribute_change_events: true,
      include_user_identity_change_events: true,
    }
    const lines = linesOf(apply(partOf(day.rich.body), s3Records(all)))
    expect(lines).toHaveLength(eventTypes.length - 1)
    expect(new Set(lines.map((line) => line.unique_id)).size).toBe(lines.length)
    for (const line of lines) expect(line.timestamp).toBeTypeOf('number')
  })
})
