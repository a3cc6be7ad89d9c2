import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  exactText,
  isObject,
  type Json,
  omit,
  parseJson,
  stringifyJson,
} from '../../../worker/base/json'
import type { Problem } from '../../../worker/base/problem'
import { isEvent } from '../../../worker/batch'
import { decodeBrowserBody } from '../../../worker/dialects/batch-body'
import {
  decodeBulk,
  decodeHistorical,
  decodeSingle,
} from '../../../worker/dialects/events-api/bodies'
import { decodeAlias } from '../../../worker/dialects/mparticle-web/alias'
import { decodeKnownUser, modifyProblems } from '../../../worker/dialects/mparticle-web/identity'
import { decodeWeirBody } from '../../../worker/dialects/weir/body'
import {
  batchText,
  brokenText,
  jsonText,
  listOf,
  objectWith,
  oneOf,
  textOf,
} from '../../support/arbitrary'
import { s3Settings, textsOf } from '../../support/outbound'

// `npm run test:fuzz` runs more.
const runs = { numRuns: Number(import.meta.env.FUZZ_RUNS ?? 1000) }

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

describe('whatever a server posts', () => {
  it('is a batch as it came, or has problems', () => {
    const property = fc.property(anyText, (text) => {
      const decoded = decodeSingle(text)
      if (!decoded.ok) return expectProblems(decoded.problems)
      expect(decoded.value.text).toBe(text)
      expectSame(decoded.value.checked.batch, fieldsOf(text))
    })
    fc.assert(property, runs)
  })

  it.each([
    ['a list', (text: string) => decodeBulk(text)],
    ['a historical list', (text: string) => decodeHistorical(text, 1_795_229_702_207)],
  ])('is %s of which each batch is kept whole or has problems of its own', (_what, decode) => {
    const anyList = fc.oneof(brokenText, jsonText, listOf(fc.oneof(batchText, jsonText), 6))
    const property = fc.property(anyList, (text) => {
      const decoded = decode(text)
      if (!decoded.ok) return expectProblems(decoded.problems)
      const given = parseJson(text)
      const { good, bad, ignored } = decoded.value
      const all = Array.isArray(given) ? given : []
      expect(good.length + bad.length + ignored.length).toBe(all.length)
      for (const one of [...bad, ...ignored]) expectProblems(one.problems)
      const texts = all.map((one) => stringifyJson({ one }).slice(7, -1))
      expect(good.filter((one) => !texts.includes(one.text))).toEqual([])
    })
    fc.assert(property, runs)
  })
})

describe('whatever asks who a user is', () => {
  const identity = fc.oneof(textOf(fc.string()), oneOf(null, 7))
  const identities = objectWith({
    customerid: identity,
    email: identity,
    device_application_stamp: identity,
    other2: identity,
  })
  const asking = objectWith({ known_identities: identities, previous_mpid: oneOf(null, '1') })
  const changing = objectWith({
    identity_changes: listOf(
      objectWith({ identity_type: oneOf('email'), old_value: identity, new_value: identity })
    ),
  })

  it('is named by one of the identities, or has problems', () => {
    const property = fc.property(fc.oneof(brokenText, jsonText, asking), (text) => {
      const decoded = decodeKnownUser(text)
      if (!decoded.ok) return expectProblems(decoded.problems)
      const { known_identities: known } = fieldsOf(text)
      const values = Object.values(fieldsIn(known)).map((one) => String(exactText(one)))
      expect(values).toContain(Object.values(decoded.value.matched)[0])
    })
    fc.assert(property, runs)
  })

  it('changes identities or has problems', () => {
    const property = fc.property(fc.oneof(brokenText, jsonText, changing), (text) => {
      const problems = modifyProblems(text)
      if (problems.length > 0) return expectProblems(problems)
      expect(Array.isArray(fieldsOf(text).identity_changes)).toBe(true)
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
