import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEvent } from '../../../worker/batch'
import { decodeAlias } from '../../../worker/inputs/alias'
import { decodeBrowserBody } from '../../../worker/inputs/browser'
import { decodeWeirBody } from '../../../worker/inputs/weir'
import { isObject, type Json, omit, parseJson, stringifyJson } from '../../../worker/json'
import type { Problem } from '../../../worker/problem'
import { batchText, brokenText, jsonText, objectWith, oneOf } from '../../support/arbitrary'
import { s3Settings, textsOf } from '../../support/outbound'

const runs = { numRuns: 3000 }

const aliasText = objectWith({
  request_id: oneOf('a', 'b'),
  request_type: oneOf('alias'),
  data: objectWith({
    source_mpid: oneOf('1', '-9223372036854775808'),
    destination_mpid: oneOf('2', 3),
    start_unixtime_ms: oneOf(1, '2'),
    end_unixtime_ms: oneOf(3, '4'),
    source: batchText,
    destination: batchText,
  }),
})
const anyText = fc.oneof(brokenText, jsonText, batchText, aliasText)

/** Compares by the text, so that numbers count that no double holds. */
const expectSame = (kept: Json | undefined, given: Json | undefined): void =>
  expect(stringifyJson({ kept })).toBe(stringifyJson({ kept: given }))

const expectProblems = (problems: Problem[]): void => {
  expect(problems.length).toBeGreaterThan(0)
  for (const { code, message } of problems) expect(code && message).toBeTruthy()
}

const fieldsOf = (text: string) => {
  const given = parseJson(text)
  return isObject(given) ? given : {}
}

describe('whatever a page posts', () => {
  it('is a batch with all its fields and events, or has problems', () => {
    const property = fc.property(anyText, (text) => {
      const decoded = decodeBrowserBody(text)
      if ('problems' in decoded) return expectProblems(decoded.problems)
      const { batch, events, problems } = decoded.checked
      const given = fieldsOf(text)
      const all = Array.isArray(given.events) ? given.events : []
      expectSame(events, all.filter(isEvent))
      expect(problems.length).toBeGreaterThanOrEqual(all.length - events.length)
      expectSame(omit(batch, ['events']), omit(given, ['events']))
    })
    fc.assert(property, runs)
  })

  it('is an alias request with its text, a batch, or has problems, on weir’s own route', async () => {
    const property = fc.asyncProperty(anyText, async (text) => {
      const decoded = await decodeWeirBody(text, 1_795_229_702_207, () => 'identity-key')
      if ('problems' in decoded) return expectProblems(decoded.problems)
      if ('checked' in decoded) return
      const [kept, given] = [fieldsOf(decoded.text), fieldsOf(text)]
      expectSame(omit(kept, ['data']), omit(given, ['data', 'sent_unixtime_ms']))
      const replaced = ['source', 'destination', 'source_mpid', 'destination_mpid']
      const timed = [...replaced, 'start_unixtime_ms', 'end_unixtime_ms']
      expectSame(omit(fieldsIn(kept.data), timed), omit(fieldsIn(given.data), timed))
    })
    await fc.assert(property, runs)
  })

  it('is an alias request or has problems, on mParticle’s route', () => {
    const property = fc.property(anyText, (text) => {
      const decoded = decodeAlias(text)
      if (!decoded.ok) return expectProblems(decoded.problems)
      const { source, destination } = decoded.value
      expect([source, destination].every((one) => /^-?\d+$/.test(one))).toBe(true)
    })
    fc.assert(property, runs)
  })
})

const fieldsIn = (value: Json | undefined) => (isObject(value) ? value : {})

// What weir makes itself, or writes in another form.
const changed = ['timestamp_unixtime_ms', 'session_uuid', 'session_id', 'event_id', 'location']

describe('whatever is accepted', () => {
  it('goes out with all fields of its events', () => {
    const property = fc.property(batchText, (text) => {
      const decoded = decodeBrowserBody(text)
      if ('problems' in decoded) return
      const accepted = decoded.checked.events.filter(
        (one) => one.event_type !== 'validation_result'
      )
      const sent = textsOf(stringifyJson(decoded.checked.batch), s3Settings())
        .map(fieldsOf)
        .flatMap(({ events }) => (Array.isArray(events) ? events : []))
      expect(sent).toHaveLength(accepted.length)
      for (const [i, { event_type, data }] of accepted.entries()) {
        const one = fieldsIn(sent[i])
        expect(one.event_type).toBe(event_type)
        const given = omit(fieldsIn(data), changed)
        const kept = fieldsIn(one.data)
        for (const name of Object.keys(given)) expectSame(kept[name], given[name])
      }
    })
    fc.assert(property, runs)
  })
})
