import { describe, expect, it } from 'vitest'
import { isObject, parseJson, stringifyJson } from '../../../worker/base/json'
import { checkBatch } from '../../../worker/batch'
import { correctAliasClock, correctBatchClock } from '../../../worker/dialects/clock'

const now = 1_795_229_708_345
const hour = 3_600_000

const checkedOf = (text: string) => {
  const checked = checkBatch(parseJson(text))
  if (!checked) throw new Error('Not a batch.')
  return checked
}

/** The data of the one event of a batch that was sent at `sent`, as JSON text. */
const correctedData = (sent: string | number, data: string): string => {
  const event = `{"event_type":"custom_event","data":${data}}`
  const given = checkedOf(`{"sent_unixtime_ms":${sent},"events":[${event}]}`)
  const { batch, events } = correctBatchClock(given, now)
  expect(batch.events).toEqual(events)
  return stringifyJson(events[0]?.data ?? null)
}

describe('the times of a batch', () => {
  it.each<[string, string | number]>([
    ['a clock that is right', now],
    ['a clock a minute behind, as after a slow way here', now - 60_000],
    ['a clock a minute ahead', now + 60_000],
    ['no time of sending', 'null'],
    ['a time of sending that is no time', '"soon"'],
    ['a time of sending with a fraction', '1.5'],
    ['a negative time of sending', -hour],
    ['an infinite time of sending', '1e400'],
    ['a time of sending beyond int64', '9223372036854775808'],
    ['a time of sending that no Date can hold', '8640000000000001'],
    ['an object as the time of sending', '{}'],
  ])('stay as they came with %s', (_what, sent) => {
    const given = checkedOf(
      `{"sent_unixtime_ms":${sent},"events":[{"event_type":"a","data":{"timestamp_unixtime_ms":1}}]}`
    )
    expect(correctBatchClock(given, now)).toBe(given)
  })

  it.each([
    ['behind', now - hour, hour],
    ['behind by little more than a minute', now - 60_001, 60_001],
    ['ahead', now + hour, -hour],
    ['that began in 1970', 0, now],
    ['given as text', `"${now - hour}"`, hour],
  ])('are moved by the difference of a clock %s', (_what, sent, byMs) => {
    expect(JSON.parse(correctedData(sent, '{"timestamp_unixtime_ms":1795229700000}'))).toEqual({
      timestamp_unixtime_ms: String(1_795_229_700_000 + byMs),
      source_timestamp_unixtime_ms: 1_795_229_700_000,
    })
  })

  it.each([
    [
      'the event, its start and its session, with the time that its sender gave it',
      '{"timestamp_unixtime_ms":30,"session_start_unixtime_ms":"10","event_start_unixtime_ms":20}',
      '{"timestamp_unixtime_ms":"3600030","session_start_unixtime_ms":"3600010",' +
        '"event_start_unixtime_ms":"3600020","source_timestamp_unixtime_ms":30}',
    ],
    [
      'an event at 0',
      '{"timestamp_unixtime_ms":0}',
      '{"timestamp_unixtime_ms":"3600000","source_timestamp_unixtime_ms":0}',
    ],
    [
      'a number that no double can hold',
      '{"timestamp_unixtime_ms":7346244611012968789}',
      '{"timestamp_unixtime_ms":"7346244611016568789",' +
        '"source_timestamp_unixtime_ms":7346244611012968789}',
    ],
    [
      'no other time, nor what only looks like one',
      '{"custom_attributes":{"timestamp_unixtime_ms":5},"event_num":7,"end_unixtime_ms":5}',
      '{"custom_attributes":{"timestamp_unixtime_ms":5},"event_num":7,"end_unixtime_ms":5}',
    ],
    [
      'no time that cannot be read',
      '{"timestamp_unixtime_ms":"soon","session_start_unixtime_ms":null}',
      '{"timestamp_unixtime_ms":"soon","session_start_unixtime_ms":null}',
    ],
    [
      'no time that would leave int64',
      '{"timestamp_unixtime_ms":"9223372036854775807","event_start_unixtime_ms":1}',
      '{"timestamp_unixtime_ms":"9223372036854775807","event_start_unixtime_ms":"3600001"}',
    ],
    ['nothing of data that is no object', '[1]', '[1]'],
  ])('that are moved are those of %s', (_what, data, corrected) => {
    expect(correctedData(now - hour, data)).toBe(corrected)
  })

  it('leave its other fields alone, consent’s times included', () => {
    const rest = { consent_state: { gdpr: { ads: { timestamp_unixtime_ms: 5 } } }, extra: [1] }
    const given = checkedOf(
      JSON.stringify({ ...rest, sent_unixtime_ms: 5, events: [{ event_type: 'a', extra: 1 }, 7] })
    )
    const { batch, events, problems } = correctBatchClock(given, now)
    expect(batch).toEqual({ ...rest, sent_unixtime_ms: 5, events })
    expect(events).toEqual([{ event_type: 'a', extra: 1 }])
    expect(problems).toBe(given.problems)
  })
})

describe('the times of an alias request', () => {
  const given = parseJson('{"start_unixtime_ms":10,"end_unixtime_ms":"20","scope":"device"}')
  const data = isObject(given) ? given : {}

  it('are moved by the difference of the clock', () => {
    expect(correctAliasClock(data, now - hour, now)).toEqual({
      start_unixtime_ms: '3600010',
      end_unixtime_ms: '3600020',
      scope: 'device',
    })
  })

  it('stay as they came when the clock is right or unknown', () => {
    expect(correctAliasClock(data, now - 1000, now)).toBe(data)
    expect(correctAliasClock(data, undefined, now)).toBe(data)
  })
})
