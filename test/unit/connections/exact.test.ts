import { describe, expect, it } from 'vitest'
import { type Json, parseJson, stringifyJson } from '../../../worker/base/json'
import { messageOf, partOf, s3Settings, sqsSettings, textsOf } from '../../support/outbound'
import { randomObject, seededRandom } from '../../support/random-json'

const numbers = [
  '7346244611012968789',
  '-1096377938905861812',
  '1e400',
  '0.1234567890123456789',
  '600868121729048600',
]
const pick = <T>(list: T[], random: () => number): T => list[Math.floor(random() * list.length)]!

/** A random object as JSON text, with a number in it that no double holds. */
const randomField = (random: () => number): string => {
  const text = JSON.stringify({ ...randomObject(random), number: '#' })
  return text.replace('"#"', pick(numbers, random))
}

/** The text of what stands at a path. */
const at = (text: string, ...path: (string | number)[]): string => {
  let value: Json = parseJson(text)
  for (const name of path) value = (value as never)[name]
  return stringifyJson(value)
}

const places = [
  ['at the top', (x: string) => `{"x":${x}}`, ['x']],
  ['in the context', (x: string) => `{"context":{"x":${x}}}`, ['context', 'x']],
  ['in the device', (x: string) => `{"device_info":{"x":${x}}}`, ['device_info', 'x']],
  ['among attributes', (x: string) => `{"user_attributes":${x}}`, ['user_attributes']],
  ['in an event', (x: string) => `{"events":[{"event_type":"a","x":${x}}]}`, ['events', 0, 'x']],
  [
    'in an event’s data',
    (x: string) => `{"events":[{"event_type":"a","data":{"x":${x}}}]}`,
    ['events', 0, 'data', 'x'],
  ],
  [
    'among custom attributes',
    (x: string) => `{"events":[{"event_type":"a","data":{"custom_attributes":${x}}}]}`,
    ['events', 0, 'data', 'custom_attributes'],
  ],
  [
    'among a product’s attributes',
    (x: string) =>
      `{"events":[{"event_type":"commerce_event","data":{"product_action":{"products":[{"custom_attributes":${x}}]}}}]}`,
    ['events', 0, 'data', 'product_action', 'products', 0, 'custom_attributes'],
  ],
] as const

describe.each(places)('a field that weir does not know, %s', (_place, body, path) => {
  it('is forwarded unchanged', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const field = randomField(seededRandom(seed))
      for (const settings of [s3Settings(), sqsSettings(), s3Settings({ raw_data_feed: true })]) {
        const [text = ''] = textsOf(body(field), settings)
        expect(at(text, ...path)).toBe(field)
      }
    }
  })
})

describe('a field that a user names', () => {
  const attributes =
    '{"mpid":7346244611012968789,"event_id":5,"signup_unixtime_ms":1795229708345,"__proto__":1}'

  it.each([
    ['user_attributes', `{"user_attributes":${attributes}}`],
    ['integration_attributes', `{"integration_attributes":{"128":${attributes}}}`],
    [
      'custom_attributes',
      `{"events":[{"event_type":"a","data":{"custom_attributes":${attributes}}}]}`,
    ],
    ['custom_flags', `{"events":[{"event_type":"a","data":{"custom_flags":${attributes}}}]}`],
  ])('keeps its type among %s, whatever it is called', (_name, body) => {
    expect(textsOf(body)[0]).toContain(attributes)
  })
})

describe('a batch', () => {
  it('keeps a field called __proto__', () => {
    expect(textsOf('{"__proto__":{"a":1}}')[0]).toContain('"__proto__":{"a":1}')
  })

  it.each([
    ['mpid', '{"events":[{"event_type":"profile","data":{"previous_mpid":7346244611012968789}}]}'],
    ['time', '{"events":[{"event_type":"a","data":{"x_unixtime_ms":7346244611012968789}}]}'],
    ['session', '{"events":[{"event_type":"a","data":{"session_id":7346244611012968789}}]}'],
    [
      'timestamp',
      '{"events":[{"event_type":"a","data":{"timestamp_unixtime_ms":7346244611012968789}}]}',
    ],
    ['consent', '{"consent_state":{"gdpr":{"a":{"timestamp_unixtime_ms":7346244611012968789}}}}'],
  ])('has its exact %s as text', (_name, body) => {
    const [text] = textsOf(body, s3Settings({ include_consent_state: true }))
    expect(text).toContain('"7346244611012968789"')
  })

  it.each(['modified', 'api_key', 'api_keys', 'unique_id', 'sent_unixtime_ms'])(
    'never forwards a client’s %s',
    (name) => {
      for (const settings of [s3Settings(), s3Settings({ raw_data_feed: true })]) {
        expect(messageOf([partOf({ [name]: 'secret' })], settings)).not.toHaveProperty(name)
      }
    }
  )

  it.each(['batch_id', 'message_id', 'message_type', 'schema_version', 'system_notifications'])(
    'has the server’s %s, whatever the client sent',
    (name) => {
      expect(messageOf([partOf({ [name]: 'client' })])[name]).not.toBe('client')
    }
  )

  it('has no raw line break, so that a file has a line for each', () => {
    const body = { user_attributes: { text: 'a\nb\r\u2028\u2029c' }, 'x\ny': '\n' }
    expect(textsOf(body)[0]).not.toMatch(/[\n\r]/)
  })
})
