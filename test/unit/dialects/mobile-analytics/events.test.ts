import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../../worker/base/json'
import { readEvents } from '../../../../worker/dialects/mobile-analytics/events'
import { readDateTime } from '../../../../worker/dialects/mobile-analytics/time'
import { mobileEvent } from '../../../support/mobile-event'

const read = (body: unknown) =>
  readEvents(parseJson(typeof body === 'string' ? body : JSON.stringify(body)))

const withFields = (fields: object) => ({ events: [{ ...mobileEvent('Opened'), ...fields }] })

const named = (length: number, value: unknown) => ({ ['n'.repeat(length)]: value })
const entries = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, value]))
const session = (fields: object = {}) => ({
  session: { id: 's-1', startTimestamp: '2026-11-21T02:50:19Z', ...fields },
})

/** What holds, something at its limit, something beyond, and the path of the problem. */
const constraints: [string, object, object, string][] = [
  ['eventType has 1 character', { eventType: 'a' }, { eventType: '' }, 'eventType'],
  ['eventType has 50', { eventType: 'a'.repeat(50) }, { eventType: 'a'.repeat(51) }, 'eventType'],
  [
    'eventType is counted in code units',
    { eventType: '😀'.repeat(25) },
    { eventType: '😀'.repeat(26) },
    'eventType',
  ],
  ['eventType is text', { eventType: '7' }, { eventType: 7 }, 'eventType'],
  ['eventType is required', {}, { eventType: undefined }, 'eventType'],
  [
    'eventType may be reserved and unknown',
    { eventType: '_what.ever' },
    { eventType: null },
    'eventType',
  ],
  ['timestamp is required', {}, { timestamp: undefined }, 'timestamp'],
  [
    'timestamp is ISO 8601',
    { timestamp: '2014-06-30T19:07:47.885Z' },
    { timestamp: 'yesterday' },
    'timestamp',
  ],
  [
    'timestamp is text',
    { timestamp: '2014-06-30T19:07:47Z' },
    { timestamp: 1404155267885 },
    'timestamp',
  ],
  [
    'timestamp is a date that exists',
    { timestamp: '2024-02-29T00:00:00Z' },
    { timestamp: '2023-02-29T00:00:00Z' },
    'timestamp',
  ],
  [
    'timestamp has a time',
    { timestamp: '2014-06-30T19:07Z' },
    { timestamp: '2014-06-30' },
    'timestamp',
  ],
  ['version is v2.0', {}, { version: 'v2.1' }, 'version'],
  ['version is required', {}, { version: undefined }, 'version'],
  ['session is an object', session(), { session: 's-1' }, 'session'],
  ['session.id is required', session(), session({ id: undefined }), 'session.id'],
  ['session.id has 1 character', session({ id: 's' }), session({ id: '' }), 'session.id'],
  [
    'session.id has 50',
    session({ id: 's'.repeat(50) }),
    session({ id: 's'.repeat(51) }),
    'session.id',
  ],
  [
    'session.startTimestamp is required',
    session(),
    session({ startTimestamp: undefined }),
    'session.startTimestamp',
  ],
  [
    'session.startTimestamp is ISO 8601',
    session(),
    session({ startTimestamp: '19:07' }),
    'session.startTimestamp',
  ],
  [
    'session.stopTimestamp is ISO 8601',
    session({ stopTimestamp: '2026-11-21T02:51:19+01:00' }),
    session({ stopTimestamp: 'now' }),
    'session.stopTimestamp',
  ],
  [
    'session.stopTimestamp may be null',
    session({ stopTimestamp: null }),
    session({ stopTimestamp: 0 }),
    'session.stopTimestamp',
  ],
  [
    'session.duration is whole',
    session({ duration: 61_000 }),
    session({ duration: 0.5 }),
    'session.duration',
  ],
  [
    'session.duration may be null',
    session({ duration: null }),
    session({ duration: '61000' }),
    'session.duration',
  ],
  ['attributes is an object', { attributes: {} }, { attributes: ['a'] }, 'attributes'],
  ['attributes may be null', { attributes: null }, { attributes: 'a' }, 'attributes'],
  ['an attribute is text', { attributes: { a: '7' } }, { attributes: { a: 7 } }, 'attributes.a'],
  [
    'an attribute is not null',
    { attributes: { a: '' } },
    { attributes: { a: null } },
    'attributes.a',
  ],
  [
    'an attribute has 200 characters',
    { attributes: { a: 'v'.repeat(200) } },
    { attributes: { a: 'v'.repeat(201) } },
    'attributes.a',
  ],
  [
    'an attribute’s name has 1 character',
    { attributes: { a: '' } },
    { attributes: { '': 'v' } },
    'attributes.',
  ],
  [
    'an attribute’s name has 50',
    { attributes: named(50, 'v') },
    { attributes: named(51, 'v') },
    `attributes.${'n'.repeat(50)}`,
  ],
  ['metrics is an object', { metrics: {} }, { metrics: 7 }, 'metrics'],
  ['a metric is a number', { metrics: { m: -0.5 } }, { metrics: { m: '7' } }, 'metrics.m'],
  ['a metric’s name has 1 character', { metrics: { m: 0 } }, { metrics: { '': 1 } }, 'metrics.'],
  [
    'a metric’s name has 50',
    { metrics: named(50, 1) },
    { metrics: named(51, 1) },
    `metrics.${'n'.repeat(50)}`,
  ],
  [
    'there are 40 attributes',
    { attributes: entries(40, 'v') },
    { attributes: entries(41, 'v') },
    '',
  ],
  ['there are 40 metrics', { metrics: entries(40, 1) }, { metrics: entries(41, 1) }, ''],
  [
    'there are 40 of both',
    { attributes: entries(20, 'v'), metrics: entries(20, 1) },
    { attributes: entries(20, 'v'), metrics: entries(21, 1) },
    '',
  ],
]

describe('a constraint of PutEvents', () => {
  it.each(constraints)('%s: kept and broken', (_what, good, bad, path) => {
    expect(read(withFields(good))).toMatchObject({ ok: true })
    const broken = read(withFields(bad))
    expect(broken.ok ? [] : broken.problems.map((one) => one.path)).toEqual([
      path === '' ? 'events.0' : `events.0.${path}`,
    ])
  })

  it.each([
    ['1e999', false],
    ['-1e999', false],
    ['1e300', true],
    ['0.1234567890123456789', true],
    ['12345678901234567890', true],
  ])('a metric is finite: %s', (number, isGood) => {
    const body = JSON.stringify(withFields({ metrics: { m: 0 } })).replace('"m":0', `"m":${number}`)
    expect(read(body).ok).toBe(isGood)
  })

  it.each([
    ['nothing', {}],
    ['an object', { events: {} }],
    ['null', { events: null }],
    ['text', '"events"'],
    ['a list', '[]'],
  ])('events is a list, not %s', (_what, body) => {
    expect(read(body)).toMatchObject({ ok: false, problems: [{ path: 'events' }] })
  })

  it('events may be empty, and fields that nobody knows are ignored', () => {
    expect(read({ events: [] })).toEqual({ ok: true, value: [] })
    expect(read(withFields({ colour: 'teal' })).ok).toBe(true)
  })

  it('is broken by one event for all, and every problem is told', () => {
    const body = {
      events: [mobileEvent('a'), 7, mobileEvent('', { version: 2 }), mobileEvent('b')],
    }
    const broken = read(body)
    expect(broken.ok ? [] : broken.problems.map((one) => one.path)).toEqual([
      'events.1',
      'events.2.eventType',
      'events.2.version',
    ])
  })

  it('is told of a hundred times at most', () => {
    const broken = read({ events: Array(500).fill({}) })
    expect(broken.ok ? [] : broken.problems).toHaveLength(100)
  })
})

describe('a time', () => {
  it.each<[string, string | undefined]>([
    ['2014-06-30T19:07:47.885Z', '2014-06-30T19:07:47.885Z'],
    ['2014-06-30T19:07:47Z', '2014-06-30T19:07:47.000Z'],
    ['2014-06-30T19:07Z', '2014-06-30T19:07:00.000Z'],
    ['2014-06-30T19:07:47', '2014-06-30T19:07:47.000Z'],
    ['2014-06-30t19:07:47z', '2014-06-30T19:07:47.000Z'],
    ['2014-06-30T19:07:47,5Z', '2014-06-30T19:07:47.500Z'],
    ['2014-06-30T19:07:47.123456789Z', '2014-06-30T19:07:47.123Z'],
    ['2014-06-30T19:07:47.885+02:00', '2014-06-30T17:07:47.885Z'],
    ['2014-06-30T19:07:47.885-0730', '2014-07-01T02:37:47.885Z'],
    ['2014-06-30T19:07:47+02', '2014-06-30T17:07:47.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['2014-13-01T00:00:00Z', undefined],
    ['2014-00-01T00:00:00Z', undefined],
    ['2014-04-31T00:00:00Z', undefined],
    ['2014-06-30T24:00:00Z', undefined],
    ['2014-06-30T19:60:00Z', undefined],
    ['2014-06-30T19:07:61Z', undefined],
    ['2014-06-30T19:07:47+25:00', undefined],
    ['2014-06-30 19:07:47Z', undefined],
    ['20140630T190747Z', undefined],
    ['Mon, 30 Jun 2014 19:07:47 GMT', undefined],
    ['', undefined],
  ])('%s is %s', (text, expected) => {
    const time = readDateTime(text)
    expect(time === undefined ? undefined : new Date(time).toISOString()).toBe(expected)
  })
})
