import { describe, expect, it } from 'vitest'
import { problem } from '../../../../worker/base/problem'
import {
  decodeBulk,
  decodeHistorical,
  decodeSingle,
  errorsBody,
} from '../../../../worker/dialects/events-api/bodies'
import { nodeBatches } from '../../../support/recorded'

const event = (data: object = {}) => ({ event_type: 'custom_event', data })
const goodBatch = { events: [event()] }
const badBatch = { events: [event(), { data: {} }] }
const missing = 'Required event field "event_type" is missing or empty.'

describe('one batch', () => {
  it.each(
    nodeBatches
      .filter((one) => !one.name.includes('missing'))
      .map((one): [string, string] => [one.name, one.text])
  )('of the real Node SDK (%s) is good, and kept as it came', (_, text) => {
    expect(decodeSingle(text)).toMatchObject({ ok: true, value: { text } })
  })

  it('that the real service refuses is refused in its words', () => {
    const [recorded] = nodeBatches.filter((one) => one.name.includes('missing'))
    const decoded = decodeSingle(recorded!.text)
    expect(decoded.ok).toBe(false)
    expect(decoded.ok ? [] : errorsBody(400, decoded.problems).errors).toEqual([
      { code: 'BAD_REQUEST', message: missing, path: 'events.0.event_type' },
    ])
  })

  it.each([
    ['no JSON', '{"events":', '', 'The body is not JSON.'],
    ['nothing', '', '', 'The body is not JSON.'],
    ['null', 'null', '', 'A batch must be a JSON object.'],
    ['text', '"batch"', '', 'A batch must be a JSON object.'],
    ['a list', '[{}]', '', 'The body must be one batch, not a list. Lists go to /v2/bulkevents.'],
    ['events that are no list', '{"events":{}}', 'events', 'events must be a list.'],
    ['an event that is none', '{"events":[7]}', 'events.0', 'An event must be an object.'],
    ['an empty type', '{"events":[{"event_type":""}]}', 'events.0.event_type', missing],
    ['a type that is no text', '{"events":[{"event_type":1}]}', 'events.0.event_type', missing],
    [
      'too many levels',
      `{"a":${'['.repeat(201)}${']'.repeat(201)}}`,
      '',
      'The body is nested deeper than 200 levels.',
    ],
  ])('is refused with %s', (_, text, path, message) => {
    expect(decodeSingle(text)).toMatchObject({ ok: false, problems: [{ path, message }] })
  })

  it.each([
    ['no events', '{}'],
    ['an empty list of them', '{"events":[]}'],
    ['a type of tomorrow', '{"events":[{"event_type":"telepathy"}]}'],
    ['wrong types elsewhere', '{"events":null,"user_attributes":7,"mpid":{},"device_info":[]}'],
  ])('is good with %s', (_, text) => {
    expect(decodeSingle(text)).toMatchObject({ ok: true, value: { text } })
  })
})

describe('a list of batches', () => {
  it('is judged one by one, each problem at its place', () => {
    const decoded = decodeBulk(JSON.stringify([goodBatch, badBatch, {}, 'text', null]))
    if (!decoded.ok) throw new Error('Refused.')
    const { good, bad, ignored } = decoded.value
    expect(good.map((one) => one.text)).toEqual([JSON.stringify(goodBatch), '{}'])
    expect(bad.map((one) => [one.problems[0]?.path, one.payload])).toEqual([
      ['1.events.1.event_type', JSON.stringify(badBatch)],
      ['3', '"text"'],
      ['4', 'null'],
    ])
    expect(ignored).toEqual([])
  })

  it('keeps every number as it was written', () => {
    const text = '{"mpid":7346244611012968789,"events":[],"a":1e400,"b":0.1234567890123456789}'
    const decoded = decodeBulk(`[${text}]`)
    expect(decoded).toMatchObject({ ok: true, value: { good: [{ text }] } })
  })

  it.each([
    ['no list', '{}', 'The body must be a list of batches.'],
    ['no JSON', '[', 'The body is not JSON.'],
    [
      'more than 100',
      JSON.stringify(Array(101).fill(goodBatch)),
      'A request may hold 100 batches, not 101.',
    ],
  ])('is refused whole when it is %s', (_, text, message) => {
    expect(decodeBulk(text)).toMatchObject({ ok: false, problems: [{ path: '', message }] })
  })

  it.each([0, 100])('may hold %i', (count) => {
    const decoded = decodeBulk(JSON.stringify(Array(count).fill(goodBatch)))
    expect(decoded.ok && decoded.value.good.length).toBe(count)
  })
})

const now = Date.UTC(2026, 10, 21, 12)
const age = (hours: number, ms = 0) =>
  event({ timestamp_unixtime_ms: now - hours * 3_600_000 - ms })

describe('a historical batch', () => {
  it.each([
    ['72 hours old', [age(72)]],
    ['years old', [age(50_000)]],
    ['old, with its time as text', [event({ timestamp_unixtime_ms: String(now - 3e8) })]],
  ])('is good when its events are %s', (_, events) => {
    const decoded = decodeHistorical(JSON.stringify([{ events }]), now)
    expect(decoded).toMatchObject({ ok: true, value: { good: [{}], bad: [], ignored: [] } })
  })

  const time = 'data.timestamp_unixtime_ms'
  it.each([
    ['has no events', [], '0.events'],
    ['has an event a millisecond too young', [age(80), age(72, -1)], `0.events.1.${time}`],
    ['has an event of the future', [age(-1)], `0.events.0.${time}`],
    ['has an event without a time', [age(80), event()], `0.events.1.${time}`],
    ['has a time that is none', [event({ timestamp_unixtime_ms: 'soon' })], `0.events.0.${time}`],
    ['has an event without data', [{ event_type: 'opt_out' }], `0.events.0.${time}`],
  ])('is ignored when it %s', (_, events, path) => {
    const decoded = decodeHistorical(JSON.stringify([{ events }]), now)
    expect(decoded).toMatchObject({
      ok: true,
      value: { good: [], bad: [], ignored: [{ problems: [{ code: 'not_historical', path }] }] },
    })
  })

  it('is bad before it is ignored', () => {
    const decoded = decodeHistorical(JSON.stringify([{ events: [{}] }]), now)
    expect(decoded).toMatchObject({ ok: true, value: { bad: [{}], ignored: [] } })
  })
})

it('lists a hundred errors of thousands, and says how many more there are', () => {
  const problems = Array.from({ length: 130 }, (_, i) => problem('required', `${i}`, 'Missing.'))
  const { errors } = errorsBody(400, problems)
  expect(errors).toHaveLength(101)
  expect(errors.at(-1)).toEqual({ code: 'BAD_REQUEST', message: '30 more are not listed.' })
})
