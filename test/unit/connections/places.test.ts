import { describe, expect, it } from 'vitest'
import { applyAlias } from '../../../worker/connections/alias'
import { applyParts, messageOf, mpid, partOf, receivedMs, s3Settings } from '../../support/outbound'

const laneOf = (body: object, settings: object, app_name?: string): string =>
  applyParts([partOf(body)], s3Settings({ ...settings }), { input: { id: 'web', app_name } })
    .deliveries[0]?.lane ?? ''

const at = (...times: unknown[]) => ({
  events: times.map((timestamp_unixtime_ms) => ({
    event_type: 'screen_view',
    data: { timestamp_unixtime_ms },
  })),
})
const day = (text: string) => Date.parse(text)

describe('the dated folder', () => {
  it.each([
    ['none', at(day('2024-02-29T12:00Z')), ''],
    ['UNSELECTED', at(0), ''],
    ['event_time', at(day('2024-02-29T23:59:59.999Z'), 0), '2024-02-29'],
    ['event_time', at(String(day('2024-02-29T00:00Z'))), '2024-02-29'],
    ['event_time', at(0), '1970-01-01'],
    ['event_time', at(-1), '1969-12-31'],
    ['event_time', at(undefined, 0), ''],
    ['event_time', at('soon'), ''],
    ['event_time', at('9223372036854775807'), ''],
    ['event_time', {}, ''],
    ['upload_time', at(0), '2026-11-21'],
    ['upload_time', {}, '2026-11-21'],
    ['event_time_or_upload_time', at(0), '1970-01-01'],
    ['event_time_or_upload_time', at(undefined, 0), '2026-11-21'],
    ['event_time_or_upload_time', at('9223372036854775807'), '2026-11-21'],
    ['event_time_or_upload_time', {}, '2026-11-21'],
  ])('by %s for %j is “%s”', (store_by_date, body, folder) => {
    expect(laneOf(body, { store_by_date })).toBe(`${folder}/weir`)
  })

  it('is that of the first event that is forwarded', () => {
    const [first, second] = at(0, day('2024-02-29T00:00Z')).events
    const body = { events: [{ ...first, event_type: 'custom_event' }, second] }
    const settings = { store_by_date: 'event_time', send_custom_events: false }
    expect(laneOf(body, settings)).toBe('2024-02-29/weir')
  })

  it('is each event’s own when events are sent one by one', () => {
    const settings = { store_by_date: 'event_time', send_as_batch: false }
    const { deliveries } = applyParts([partOf(at(0, undefined, 86_400_000))], s3Settings(settings))
    expect(deliveries.map((delivery) => delivery.lane)).toEqual([
      '1970-01-01/weir',
      '/weir',
      '1970-01-02/weir',
    ])
  })

  it('of an alias request is the day it came in', () => {
    const context = { id: 'a', mpid, input: { id: 'web', app_name: 'My App' }, identityTimes: {} }
    for (const [store_by_date, lane] of [
      ['none', '/My-App'],
      ['event_time', '/My-App'],
      ['upload_time', '2026-11-21/My-App'],
      ['event_time_or_upload_time', '2026-11-21/My-App'],
    ]) {
      const settings = s3Settings({ store_by_date, send_alias_requests: true })
      expect(applyAlias({}, receivedMs, settings, context)[0]?.lane).toBe(lane)
    }
  })
})

describe('the application’s name in a file name', () => {
  it.each([
    ['Configured', 'Given', 'Configured'],
    ['', 'Given', 'Given'],
    [undefined, 'weir demo shop', 'weir-demo-shop'],
    [undefined, 'a/b\\c_d.e-f', 'a-b-c_d.e-f'],
    [undefined, 'Größe 😀', 'Gr--e--'],
    [undefined, '', 'weir'],
    [undefined, 5, 'weir'],
    [undefined, null, 'weir'],
    ['x'.repeat(300), null, 'x'.repeat(200)],
  ])('of the input %j and the batch %j is %s', (configured, application_name, expected) => {
    const body = { application_info: { application_name } }
    expect(laneOf(body, {}, configured)).toBe(`/${expected}`)
    expect(laneOf(body, { include_metadata: false }, configured)).toBe(`/${expected}`)
  })
})

describe('the location of a batch', () => {
  const edge = { channel: 'javascript' as const, location: { latitude: 9, longitude: 9 } }
  const context = (body: string | object, on = true) =>
    messageOf([partOf(body, { edge })], s3Settings({ include_event_batch_location: on })).context
  const event = (location: string) => `{"event_type":"a","data":{"location":${location}}}`
  const lookedUp = { location: { latitude: 9, longitude: 9, location_source: 'ip_lookup' } }

  it.each([
    '{"latitude":52.5,"longitude":13.4}',
    '{"latitude":"52.5","longitude":"-13.4","accuracy":30}',
    '{"latitude":-90,"longitude":180}',
    '{"latitude":0,"longitude":0}',
    '{"latitude":52.5200065999999980001,"longitude":13.40495400000000000001}',
  ])('is that of an event at %s', (location) => {
    expect(context(`{"events":[${event('null')},${event(location)}]}`)).toEqual({
      location: { ...JSON.parse(location), location_source: 'lat_long' },
    })
  })

  it.each([
    'null',
    '{}',
    '[]',
    '{"latitude":52.5}',
    '{"latitude":90.1,"longitude":0}',
    '{"latitude":0,"longitude":-180.5}',
    '{"latitude":"","longitude":""}',
    '{"latitude":"north","longitude":"1"}',
    '{"latitude":1e400,"longitude":0}',
    '{"latitude":null,"longitude":null}',
  ])('is looked up when the event’s is %s', (location) => {
    expect(context(`{"events":[${event(location)}]}`)).toEqual(lookedUp)
  })

  it('is the batch’s own before all others, unless that is none', () => {
    const events = [{ event_type: 'a', data: { location: { latitude: 1, longitude: 1 } } }]
    const batchLocation = { latitude: 2, longitude: 2 }
    const plan = { data_plan: { plan_id: 'p' } }
    expect(context({ context: { ...plan, location: batchLocation }, events })).toEqual({
      ...plan,
      location: batchLocation,
    })
    expect(context({ context: { ...plan, location: {} }, events })).toMatchObject({
      ...plan,
      location: { latitude: 1, location_source: 'lat_long' },
    })
  })

  it('is left out when the setting is off, and nothing else of the context', () => {
    const received = { data_plan: { plan_id: 'p' }, location: { latitude: 2, longitude: 2 } }
    expect(context({ context: received }, false)).toEqual({ data_plan: { plan_id: 'p' } })
    expect(context({}, false)).toBeUndefined()
  })

  it('is none when nothing tells it', () => {
    const settings = s3Settings({ include_event_batch_location: true })
    expect(messageOf([partOf({})], settings)).not.toHaveProperty('context')
  })
})
