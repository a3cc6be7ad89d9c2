import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Problem, WriteError } from '../../../../sdk/firehose/errors'
import { readMessage } from '../../../../sdk/firehose/read-message'
import type { Registration } from '../../../../sdk/firehose/registration'
import { writeMessage } from '../../../../sdk/firehose/write-message'
import {
  exactText,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  readInt64,
} from '../../../../worker/base/json'
import { readIdentities } from '../../../../worker/batch'
import { withAccount } from '../../../../worker/connections/firehose/requests'
import { mergeParts } from '../../../../worker/connections/outbound'
import { converted, type EventRequest, everything, registration } from '../../../support/firehose'
import {
  anyRegistration,
  firehoseBatchText,
  notificationsText,
} from '../../../support/firehose-arbitrary'
import { requestViolations } from '../../../support/firehose-schemas'
import { mpid, partOf } from '../../../support/outbound'

const runs = { numRuns: 500 }
const account = { account_id: 1, account_settings: { key: 'k' } }

const partsOf = (body: string, notifications: string) => {
  const list = parseJson(notifications)
  return [partOf(body, { notifications: Array.isArray(list) ? list : [] })]
}

/** The requests that a batch becomes, as text. */
const textsOf = (body: string, notifications: string, registration: Registration): string[] => {
  const { deliveries, accepted, filtered } = converted(partsOf(body, notifications), registration)
  const sent = deliveries.reduce((sum, delivery) => sum + delivery.events, 0)
  const left = Object.values(filtered).reduce((sum, value) => sum + value, 0)
  expect(sent + left).toBe(accepted)
  for (const { text } of deliveries) {
    expect(text.startsWith('{"type":"event_processing_request"')).toBe(true)
    expect(text).not.toContain('\n')
  }
  return deliveries.map(({ text }) => withAccount(text, account))
}

// A time of 64 bits is one of the protocol's, but the library writes no more than 53.
const isLongTime = ({ path, message }: Problem): boolean =>
  /_ms$/.test(path) && /below 2\^53/.test(message)

const problemsOf = (text: string): Problem[] => {
  try {
    writeMessage(readMessage(text))
    return []
  } catch (error) {
    if (error instanceof WriteError) return error.problems.filter((problem) => !isLongTime(problem))
    throw error
  }
}

/** The digits of sessions apart, which only the library keeps. */
const withoutSessions = (request: EventRequest) => ({
  ...request,
  events: request.events.map(({ session_id: _, ...event }) => event),
})

const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('any batch, for any integration', () => {
  const anyMessage = [firehoseBatchText, notificationsText, anyRegistration] as const

  it('is a message that the library reads, with everything in it', () => {
    fc.assert(
      fc.property(...anyMessage, (body, notifications, wanted) => {
        for (const text of textsOf(body, notifications, wanted)) {
          const read = plain(readMessage(text))
          expect(withoutSessions(read)).toEqual(withoutSessions(JSON.parse(text)))
        }
      }),
      runs
    )
  })

  it('has no field and no word that the protocol does not have', () => {
    fc.assert(
      fc.property(...anyMessage, (body, notifications, wanted) => {
        for (const text of textsOf(body, notifications, wanted)) {
          expect(problemsOf(text)).toEqual([])
          expect(requestViolations(JSON.parse(text))).toEqual([])
        }
      }),
      runs
    )
  })

  it('is the same at every try', () => {
    fc.assert(
      fc.property(...anyMessage, (body, notifications, wanted) => {
        expect(textsOf(body, notifications, wanted)).toEqual(textsOf(body, notifications, wanted))
      }),
      { numRuns: 200 }
    )
  })
})

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
const isFilled = (value: Json | undefined): boolean =>
  typeof value === 'string' && value !== '' && exactText(value) === value

describe('any batch, for an integration that is allowed everything', () => {
  const wanted = registration({
    ...everything,
    user_identities: ['customer', 'email', 'other2'].map((type) => ({
      type: type as 'customer',
      encoding: 'raw' as const,
    })),
  })
  const read = (body: string) => {
    const [text = '{}'] = textsOf(body, '[]', wanted)
    const message: EventRequest = JSON.parse(JSON.stringify(readMessage(text)))
    return { message, batch: mergeParts(partsOf(body, '[]'), mpid)! }
  }

  it('loses no name of a user attribute', () => {
    fc.assert(
      fc.property(firehoseBatchText, (body) => {
        const { message, batch } = read(body)
        const names = Object.keys(objectOf(batch.fields.user_attributes))
        const sent = [message.user_attributes, message.user_attribute_lists].flatMap((fields) =>
          Object.keys(objectOf(fields))
        )
        expect(sent.sort()).toEqual(names.sort())
      }),
      runs
    )
  })

  it('loses no permitted identity', () => {
    fc.assert(
      fc.property(firehoseBatchText, (body) => {
        const { message } = read(body)
        const known = readIdentities(objectOf(parseJson(body)).user_identities)
        const permitted = { customer_id: 'customer', email: 'email', other_id_2: 'other2' }
        const expected = Object.entries(permitted).flatMap(([name, type]) =>
          known[name] ? [{ type, encoding: 'raw', value: known[name] }] : []
        )
        expect(message.user_identities ?? []).toEqual(expected)
      }),
      runs
    )
  })

  it('loses no custom event or screen view that has a name, and no field of them', () => {
    fc.assert(
      fc.property(firehoseBatchText, (body) => {
        const { message, batch } = read(body)
        const named = batch.events.filter(({ event: { event_type, data } }) =>
          event_type === 'screen_view'
            ? isFilled(data.screen_name)
            : event_type === 'custom_event' &&
              data.custom_event_type !== 'attribution' &&
              isFilled(data.event_name)
        )
        const expected = named.map(({ event: { event_type, data }, receivedData }) => ({
          name: event_type === 'screen_view' ? data.screen_name : data.event_name,
          timestamp_ms: Number(data.timestamp_unixtime_ms),
          attributes: Object.keys(objectOf(data.custom_attributes)),
          session: [undefined, '0'].includes(readInt64(receivedData.session_id))
            ? undefined
            : readInt64(receivedData.session_id),
        }))
        const sent = message.events.filter(
          (event) =>
            isFilled(event.screen_name) || (event.type === 'custom_event' && isFilled(event.name))
        )
        // A name may also be a number: those are sent, too, and not looked for here.
        const names = new Set(expected.map(({ name }) => name))
        const comparable = sent
          .map((event) => ({
            name: event.screen_name ?? event.name,
            timestamp_ms: event.timestamp_ms,
            attributes: Object.keys(objectOf(event.attributes)),
            session: String(event.session_id),
          }))
          .filter(({ name }) => names.has(name))
        const ids = expected.map(({ session }, i) => session ?? comparable[i]?.session)
        expect(comparable).toEqual(expected.map((event, i) => ({ ...event, session: ids[i] })))
      }),
      runs
    )
  })
})
