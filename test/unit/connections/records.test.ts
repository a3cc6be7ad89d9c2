import { describe, expect, it } from 'vitest'
import type { Part } from '../../../worker/connections/outbound'
import { contextOf, mobileEvent } from '../../support/mobile-event'
import { arrivalMs, mappedOf } from '../../support/mobile-request'
import { mpid, partOf } from '../../support/outbound'
import { apply, linesOf, s3Records, sqsRecords } from '../../support/records'

type Settings = Record<string, unknown>

const mobilePart = (body: Parameters<typeof mappedOf>[0], facts: Partial<Part> = {}): Part => {
  const { batch, events } = mappedOf(body)
  const indexed = events.map((event, index) => ({ ...event, index }))
  return {
    ...partOf({}),
    batch,
    events: indexed,
    received_ms: arrivalMs,
    edge: { channel: 'native' },
    ...facts,
  }
}

const started = mobileEvent('_session.start', { attributes: { build: 'beta' } })
const context = contextOf({
  client: { client_id: 'c-1', app_title: 'Example App' },
  env: { platform: 'android', model: 'KFTT', locale: 'en_US' },
})
const session = [started, mobileEvent('Opened'), mobileEvent('_monetization.purchase')]

describe.each([
  ['S3', s3Records],
  ['SQS', sqsRecords],
])('records on %s', (name, settings) => {
  it('are one line or message per event, as received', () => {
    const applied = apply(mobilePart({ events: session, context }), settings())
    expect(applied.accepted).toBe(3)
    const lines = linesOf(applied)
    expect(lines.map((line) => line.event_type)).toEqual(session.map((event) => event.eventType))
    expect(lines[0]?.attributes).toEqual({
      build: 'beta',
      _clientContext: JSON.stringify(context),
    })
    expect(new Set(applied.deliveries.map((delivery) => delivery.id)).size).toBe(3)
    expect(
      applied.deliveries.every((delivery) => delivery.events === 1 && delivery.mpid === mpid)
    ).toBe(true)
  })

  it('are the same with Send as Batch on and off', () => {
    const part = mobilePart({ events: session, context })
    const [on, off] = [true, false].map((send_as_batch) => apply(part, settings({ send_as_batch })))
    expect(on).toEqual(off)
  })

  it.each<[string, string[]]>([
    ['send_lifecycle_events', ['_session.start']],
    ['send_custom_events', ['Opened']],
    ['send_commerce_events', ['_monetization.purchase']],
  ])('obey %s', (setting, types) => {
    const applied = apply(mobilePart({ events: session, context }), settings({ [setting]: false }))
    const expected = session.map((event) => event.eventType).filter((type) => !types.includes(type))
    expect(linesOf(applied).map((line) => line.event_type)).toEqual(expected)
    expect(applied.filtered).toEqual({ [setting]: 1 })
  })

  it('have no derived event for a start with attributes: the record has them', () => {
    const applied = apply(
      mobilePart({ events: [started] }),
      settings({ keep_session_attributes: true })
    )
    expect(linesOf(applied).map((line) => line.event_type)).toEqual(['_session.start'])
  })

  it('have only the id and SDK of the client without metadata', () => {
    const part = mobilePart({
      events: session,
      context,
      facts: { user_agent: 'aws-sdk-android/2.2' },
    })
    const [line] = linesOf(apply(part, settings({ include_metadata: false })))
    expect(Object.keys(line ?? {}).sort()).toEqual([
      'account_id',
      'application_key',
      'arrival_timestamp',
      'attributes',
      'client_id',
      'event_type',
      'metrics',
      'sdk_name',
      'sdk_version',
      'timestamp',
      'unique_id',
    ])
    expect(line?.attributes).toEqual({ build: 'beta' })
  })

  it.each<[string, Settings]>([
    ['unique_id', { unique_id: 'com.example.shop' }],
    ['raw_data_feed', { raw_data_feed: true }],
    ['include_consent_state', { include_consent_state: true }],
    ['include_event_batch_location', { include_event_batch_location: true }],
    ['metadata_field_exclusion', { metadata_field_exclusion: ['ip_address', 'device_name'] }],
    ['send_batches_without_events', { send_batches_without_events: false }],
  ])('do not depend on %s, which concerns batches', (_setting, changed) => {
    const part = mobilePart({ events: session, context })
    expect(apply(part, settings(changed)).deliveries).toEqual(apply(part, settings()).deliveries)
  })

  it('of a historical batch are filtered by include_historical', () => {
    const edge = { channel: 'native' as const, is_historical: true }
    const applied = apply(
      mobilePart({ events: session }, { edge }),
      settings({ include_historical: false })
    )
    expect(applied).toEqual({ accepted: 3, filtered: { include_historical: 3 }, deliveries: [] })
  })

  it('do not exist for a batch without events', () => {
    expect(apply(partOf({ events: [] }), settings()).deliveries).toEqual([])
  })

  it('go to the folders of other lines and messages', () => {
    const part = mobilePart({
      events: [mobileEvent('a', { timestamp: '2020-02-29T23:59:59Z' }), mobileEvent('b')],
      context,
    })
    const lanes = (store_by_date: string) =>
      apply(part, settings({ store_by_date })).deliveries.map((delivery) => delivery.lane)
    const isQueue = name === 'SQS'
    expect(lanes('event_time')).toEqual(
      isQueue ? ['', ''] : ['2020-02-29/Example-App', '2026-11-21/Example-App']
    )
    expect(lanes('upload_time')).toEqual(
      isQueue ? ['', ''] : Array(2).fill('2026-11-21/Example-App')
    )
    expect(lanes('none')).toEqual(isQueue ? ['', ''] : Array(2).fill('/Example-App'))
  })

  it('do not repeat a client context that would be too large for the hand-off', () => {
    const large = contextOf({ pad: 'x'.repeat(8000) })
    const events = Array.from({ length: 4000 }, () => mobileEvent('a'))
    const lines = linesOf(apply(mobilePart({ events, context: large }), settings()))
    expect(lines).toHaveLength(4000)
    expect(lines.filter((line) => '_clientContext' in line.attributes)).toHaveLength(1)
  })

  it('that are still too large together are dead letters, as batches', () => {
    const device_info = { platform: 'web', device_model: 'x'.repeat(200_000) }
    const events = Array.from({ length: 200 }, () => ({ event_type: 'custom_event', data: {} }))
    const applied = apply(partOf({ device_info, events }), settings())
    expect(
      applied.deliveries.every((delivery) => delivery.unsendable?.includes('too large together'))
    ).toBe(true)
  })
})

it('makes a record that is too large for its queue a dead letter, and only that record', () => {
  const attributes = Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`pad${i}`, 'x'.repeat(200)])
  )
  const events = [mobileEvent('Small'), mobileEvent('Large', { attributes })]
  const { deliveries } = apply(mobilePart({ events }), sqsRecords({ max_message_bytes: 1024 }))
  expect(deliveries.map((delivery) => delivery.unsendable !== undefined)).toEqual([false, true])
})
