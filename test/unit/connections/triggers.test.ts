import { describe, expect, it } from 'vitest'
import type { Trigger } from '../../../worker/audiences/trigger'
import { type JsonObject, parseJson } from '../../../worker/base/json'
import { applied, at_ms, fieldsOf, iso, kindsOf, sent, trigger } from '../../support/triggers'

describe('a trigger', () => {
  it('is one message with the changes of the connection’s audiences, in its order', () => {
    const { body, ...delivery } = sent('sqs')
    expect(body).toEqual({
      data: {
        _created: iso(at_ms - 5000),
        _modified: iso(at_ms - 1),
        plan: 'pro',
        age: 42,
        tags: ['a', 'b'],
        email: 'ada@example.org',
        customer_id: 'c-1',
        segment_events: [
          {
            id: 'lapsed',
            event: 'exit',
            enter: iso(at_ms - 1000),
            exit: iso(at_ms),
            slug: 'lapsed',
          },
          {
            id: 'vip',
            event: 'enter',
            enter: iso(at_ms),
            exit: '2099-12-31T23:59:59Z',
            slug: 'very_important',
          },
        ],
      },
      meta: {
        object: 'user',
        subscription_id: expect.stringMatching(/^[\da-f]{32}$/),
        timestamp: iso(at_ms),
      },
    })
    expect(delivery).toMatchObject({ id: 'd-1', mpid: '77', events: 2, lane: '', attributes: {} })
  })

  it('is a line in a bucket, with the same text', () => {
    const { text, lane, attributes } = sent('s3')
    expect(text).toBe(sent('sqs').text)
    expect([lane, attributes]).toEqual(['/audiences', undefined])
  })

  it.each<[what: string, changed: Partial<Trigger>]>([
    ['of audiences that the connection does not select', { changes: trigger.changes.slice(2) }],
    ['for another connection alone', { only: 'other' }],
    ['of members who were there when the audience was created', { silent: true }],
  ])('%s is not sent, and not counted', (_, changed) => {
    for (const kind of ['sqs', 's3'] as const) {
      expect(applied(kind, {}, changed)).toEqual({ deliveries: [], accepted: 0, filtered: {} })
    }
  })

  it('for this connection alone is sent', () => {
    expect(applied('sqs', {}, { only: 'told' }).deliveries).toHaveLength(1)
  })

  it('keeps what is reserved from attributes and identities', () => {
    const changed = {
      attributes: { _created: 'x', _modified: 'y', segment_events: [], plan: 'pro' },
      identities: { segment_events: 'z', email: 'e' },
    }
    const message = sent('sqs', { user_fields: [] }, changed)
    expect(message.body.data).toMatchObject({
      _created: iso(at_ms - 5000),
      _modified: iso(at_ms - 1),
    })
    expect(kindsOf(message)).toHaveLength(2)
    expect(fieldsOf(message)).toEqual(['plan', 'email'])
    expect(fieldsOf(sent('sqs', { user_fields: ['_created'] }, changed))).toEqual([])
  })

  it('has identities go before attributes of the same name', () => {
    const changed = { attributes: { email: 'attribute' }, identities: { email: 'identity' } }
    expect(sent('sqs', {}, changed).body.data.email).toBe('identity')
  })

  it('keeps exact numbers, strange names and characters that SQS refuses', () => {
    const attributes = parseJson('{"id":9223372036854775807,"__proto__":"p"}') as JsonObject
    const { text } = sent(
      'sqs',
      {},
      { attributes: { ...attributes, odd: 'a\ufffeb\uffffc\ud800' } }
    )
    expect(text).toContain('"id":9223372036854775807,')
    expect(text).toContain('"__proto__":"p"')
    expect(text).toContain('"odd":"a\\ufffeb\\uffffc\\ud800"')
  })
})

describe('a message attribute', () => {
  const attributesFor = (attributes: JsonObject, message_attributes = Object.keys(attributes)) =>
    sent('sqs', { message_attributes }, { attributes }).attributes

  it.each([
    ['plan', 'plan'],
    ['a.b-c_D9', 'a.b-c_D9'],
    ['has space', 'has_space'],
    ['größe', 'gr__e'],
    ['$age', '_age'],
    ['aws.x', '_aws.x'],
    ['AWS.x', '_AWS.x'],
    ['Amazon.x', '_Amazon.x'],
    ['awsome', 'awsome'],
    ['.a..b.', '_a_.b_'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('for %s is called %s', (field, name) => {
    expect(attributesFor({ [field]: 'v' })).toEqual({ [name]: 'v' })
  })

  it.each<[value: string, expected: unknown]>([
    ['"text"', 'text'],
    ['5', 5],
    ['-0.5', -0.5],
    ['0', 0],
    ['1e200', '1e200'],
    ['1e-200', '1e-200'],
    ['9223372036854775807', '9223372036854775807'],
    ['true', 'true'],
    ['false', 'false'],
    ['[]', '[]'],
    ['["a",9223372036854775807]', '["a",9223372036854775807]'],
    ['{"a":{"b":1}}', '{"a":{"b":1}}'],
    ['"a\\u0000b\\ufffec\\ud800d\\n"', 'a\ufffdb\ufffdc\ufffdd\n'],
    ['"\\ud83d\\ude00"', '😀'],
  ])('of %s is %j', (json, expected) => {
    expect(attributesFor(parseJson(`{"field":${json}}`) as JsonObject)).toEqual({ field: expected })
  })

  it.each(['""', 'null'])('of %s is left out', (json) => {
    expect(attributesFor(parseJson(`{"field":${json}}`) as JsonObject)).toEqual({})
  })

  it('for a part of every object is left out', () => {
    expect(attributesFor({}, ['constructor', 'toString', '__proto__'])).toEqual({})
  })

  it('may be what `data` leaves out', () => {
    const message = sent('sqs', { message_attributes: ['plan'], user_fields: ['email'] })
    expect(message.attributes).toEqual({ plan: 'pro' })
    expect(fieldsOf(message)).toEqual(['email'])
  })
})

describe('a message that is too large', () => {
  const large = 'ü'.repeat(500)
  const small = { max_message_bytes: 1200, message_attributes: ['plan'] }

  it.each<[what: string, changed: Partial<Trigger>, fields: string[], attributes: object]>([
    [
      'loses attributes first',
      { attributes: { large, plan: 'pro' } },
      ['email', 'customer_id'],
      { plan: 'pro' },
    ],
    [
      'then its message attributes',
      { attributes: { plan: 'x'.repeat(1000) } },
      ['email', 'customer_id'],
      {},
    ],
    ['then identities', { identities: { email: large } }, [], {}],
  ])('%s', (_, changed, fields, attributes) => {
    const message = sent('sqs', small, changed)
    expect(fieldsOf(message)).toEqual(fields)
    expect(message.attributes).toEqual(attributes)
    expect(kindsOf(message)).toEqual(['exit lapsed', 'enter vip'])
    expect(message.unsendable).toBeUndefined()
  })

  it('that is too large even with its changes alone is unsendable, with the reason', () => {
    const changes = trigger.changes.map((change) => ({ ...change, slug: large }))
    const message = sent('sqs', small, { changes })
    expect(message.unsendable).toMatch(/^The message has \d+ bytes; the queue takes 1200\.$/)
    expect(kindsOf(message)).toHaveLength(2)
  })

  it('in a bucket has room for more', () => {
    const attributes = { large: 'x'.repeat(1_200_000) }
    expect(fieldsOf(sent('sqs', {}, { attributes }))).toEqual(['email', 'customer_id'])
    expect(fieldsOf(sent('s3', {}, { attributes }))).toEqual(['large', 'email', 'customer_id'])
  })
})
