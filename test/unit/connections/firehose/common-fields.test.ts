import { describe, expect, it } from 'vitest'
import type { Permissions } from '../../../../sdk/firehose/registration'
import { converted, registration, requestOf } from '../../../support/firehose'
import { partOf } from '../../../support/outbound'

const textOf = (data: string, permissions: Permissions = {}): string => {
  const body = `{"events":[{"event_type":"session_start","data":${data}}]}`
  return converted([partOf(body)], registration(permissions)).deliveries[0]?.text ?? ''
}
const eventOf = (data: string, permissions?: Permissions) =>
  JSON.parse(textOf(data, permissions)).events[0]

const uuid = '84E1B361-A282-4ADF-8A6D-1D31E6DD5A9E'

describe('a session', () => {
  it.each([
    '123456789',
    '-1096377938905861812',
    '"-1096377938905861812"',
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
  ])('given as %s keeps its digits, also beside a UUID', (value) => {
    const digits = value.replaceAll('"', '')
    for (const data of [`{"session_id":${value}}`, `{"session_id":${value},"session_uuid":"u"}`]) {
      expect(textOf(data)).toContain(`"session_id":${digits}`)
    }
  })

  it.each(['0', 'null', '"x"', '9223372036854775808', '1.5'])(
    'given as %s is none, and is derived from its UUID where there is one',
    (value) => {
      expect(eventOf(`{"session_id":${value}}`)).not.toHaveProperty('session_id')
      expect(eventOf(`{"session_id":${value},"session_uuid":"${uuid}"}`).session_id).toBe(
        eventOf(`{"session_uuid":"${uuid}"}`).session_id
      )
    }
  )

  it('derived from a UUID is the first 53 bits of SHA-256, whatever the case of its letters', async () => {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(uuid))
    const expected = Number(new DataView(digest).getBigUint64(0) >> 11n)
    for (const spelling of [uuid, uuid.toLowerCase()]) {
      expect(eventOf(`{"session_uuid":"${spelling}"}`).session_id).toBe(expected)
    }
    expect(Number.isSafeInteger(expected) && expected > 0).toBe(true)
  })
})

describe('ids', () => {
  it('of an event are its client’s when they are UUIDs', () => {
    expect(eventOf(`{"source_message_id":"${uuid}"}`)).toMatchObject({ id: uuid, source_id: uuid })
  })

  it.each(['"7"', '"not-a-uuid"', '84', '"84E1B361A2824ADF8A6D1D31E6DD5A9E"'])(
    'of an event are made when the client’s is %s',
    (value) => {
      const event = eventOf(`{"source_message_id":${value}}`)
      expect(event.id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
      expect(event.source_id).toBe(String(JSON.parse(value)))
      expect(eventOf(`{"source_message_id":${value}}`).id).toBe(event.id)
    }
  )

  it('differ between events and between connections, and repeat with the hand-off', () => {
    const body = { events: [{ event_type: 'session_start' }, { event_type: 'session_start' }] }
    const of = (connection: string, id: string) =>
      requestOf(body, registration(), { connection, id })
    const request = of('one', 'a')
    expect(request).toEqual(of('one', 'a'))
    expect(request.events[0]?.id).not.toBe(request.events[1]?.id)
    expect(new Set([request.id, of('two', 'a').id, of('one', 'b').id]).size).toBe(3)
  })

  it.each([
    ['one upload', [uuid], uuid],
    ['two uploads', [uuid, '00000000-0000-4000-8000-000000000000'], undefined],
    ['a request id that is no UUID', ['7'], '7'],
  ])('of the request of %s follow the client’s', (_, ids, source) => {
    const events = [{ event_type: 'session_start' }]
    const parts = ids.map((source_request_id) => partOf({ events, source_request_id }))
    const request = JSON.parse(converted(parts, registration()).deliveries[0]!.text)
    expect(request.source_id).toBe(source)
    if (source === uuid) expect(request.id).toBe(uuid)
    else expect(request.id).not.toBe(ids[0])
    expect(request.id).toMatch(/^[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/)
  })
})

describe('a time', () => {
  it.each(['1700000101000', '"1700000101000"'])('given as %s is a number', (value) => {
    expect(eventOf(`{"timestamp_unixtime_ms":${value}}`).timestamp_ms).toBe(1700000101000)
  })
})

describe('a location', () => {
  const allowed = { allow_access_location: true }

  it.each([
    ['{"latitude":1.5,"longitude":-2,"accuracy":3,"country_code":"US"}', [1.5, -2, 3]],
    ['{"latitude":"1.5","longitude":"-2"}', [1.5, -2, undefined]],
    ['{"latitude":0,"longitude":0}', [0, 0, undefined]],
  ])('given as %s has %j', (location, [latitude, longitude, accuracy]) => {
    const sent = eventOf(`{"location":${location}}`, allowed).location
    expect(sent).toEqual(
      accuracy === undefined ? { latitude, longitude } : { latitude, longitude, accuracy }
    )
  })

  it.each(['null', '{}', '{"latitude":1}', '{"latitude":"","longitude":2}', '"here"'])(
    'given as %s is none',
    (location) => {
      expect(eventOf(`{"location":${location}}`, allowed)).not.toHaveProperty('location')
    }
  )
})

describe('custom flags', () => {
  const flags = {
    'Acme.kind': 'landing',
    'Acme.list': ['a', 1],
    'Acme.': 1,
    'Acme.deep.er': { b: true },
    'Acme.none': null,
    Acme: 'x',
    'acme.kind': 'x',
    'Acme2.kind': 'x',
    '.Acme.kind': 'x',
    'Google.Page': 'x',
  }

  it('are those whose name begins with the module’s and a dot, as text', () => {
    const events = [{ event_type: 'custom_event', data: { event_name: 'x', custom_flags: flags } }]
    expect(requestOf({ events }, registration()).events[0]?.custom_flags).toEqual({
      'Acme.kind': 'landing',
      'Acme.list': '["a",1]',
      'Acme.': '1',
      'Acme.deep.er': '{"b":true}',
    })
  })
})

it('attributes are text, with long numbers as they were written', () => {
  const data = `{"event_name":"x","custom_attributes":{"id":7346244611012968789,"in":{"n":[9007199254740993]},
    "t":true,"f":1.5,"e":"","n":null,"__proto__":"p"}}`
  const body = `{"events":[{"event_type":"custom_event","data":${data}}]}`
  const attributes = requestOf(body, registration()).events[0]?.attributes
  expect(Object.entries(attributes ?? {})).toEqual([
    ['id', '7346244611012968789'],
    ['in', '{"n":[9007199254740993]}'],
    ['t', 'true'],
    ['f', '1.5'],
    ['e', ''],
    ['n', null],
    ['__proto__', 'p'],
  ])
})
