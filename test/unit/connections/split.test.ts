import { describe, expect, it } from 'vitest'
import { applyAlias } from '../../../worker/connections/alias'
import { messageBytes } from '../../../worker/connections/split'
import type { Delivery } from '../../../worker/delivery'
import {
  applyParts,
  customEvent,
  type Message,
  mpid,
  partOf,
  sqsSettings,
} from '../../support/outbound'
import { aliasRequest } from '../../support/rich-batch'

const split = (body: object, max_message_bytes: number): Delivery[] =>
  applyParts([partOf(body)], sqsSettings({ max_message_bytes })).deliveries

const read = (delivery: Delivery): Message => JSON.parse(delivery.text)
const names = (deliveries: Delivery[]) =>
  deliveries.flatMap((delivery) => read(delivery).events.map((event) => event.data.event_name))
const many = (count: number, chars = 20) => ({
  user_attributes: { plan: 'pro' },
  events: Array.from({ length: count }, (_, i) => customEvent(`e${i}`, { x: 'é'.repeat(chars) })),
})

describe('a batch for a queue', () => {
  it.each([
    [1, 1024],
    [100, 1024],
    [101, 2048],
    [500, 10_000],
    [3000, 262_144],
    [3000, 1_048_576],
  ])(
    'of %i events goes out in messages of at most %i bytes, none lost or repeated',
    (count, max) => {
      const deliveries = split(many(count), max)
      expect(names(deliveries)).toEqual(Array.from({ length: count }, (_, i) => `e${i}`))
      for (const { text, attributes = {}, unsendable } of deliveries) {
        expect(unsendable).toBeUndefined()
        expect(messageBytes(text, attributes)).toBeLessThanOrEqual(max)
      }
      const distinct = (ids: unknown[]) => expect(new Set(ids).size).toBe(deliveries.length)
      distinct(deliveries.map((delivery) => delivery.id))
      distinct(deliveries.map((delivery) => read(delivery).message_id))
      expect(new Set(deliveries.map((delivery) => read(delivery).batch_id)).size).toBe(1)
      expect(deliveries.every((delivery) => read(delivery).events.length === delivery.events)).toBe(
        true
      )
    }
  )

  it('repeats all other fields in every message', () => {
    const [first, ...others] = split(many(40), 2048).map(read)
    for (const other of others) {
      const changing = { events: expect.anything(), message_id: expect.any(String) }
      expect(other).toEqual({ ...first, ...changing })
    }
  })

  it('with one event that is too large loses only that one, and says why', () => {
    const body = many(9)
    body.events.splice(4, 0, customEvent('huge', { x: 'x'.repeat(5000) }))
    const deliveries = split(body, 2048)
    const unsendable = deliveries.filter((delivery) => delivery.unsendable)
    expect(names(unsendable)).toEqual(['huge'])
    expect(unsendable[0]?.unsendable).toMatch(/^The message has \d+ bytes; the queue takes 2048\.$/)
    expect(names(deliveries)).toHaveLength(10)
  })

  it('without events that is too large comes back once', () => {
    const deliveries = split({ user_attributes: { text: 'x'.repeat(5000) } }, 2048)
    expect(deliveries).toMatchObject([{ events: 0, unsendable: expect.any(String) }])
  })

  it('is counted with its attributes, to the byte', () => {
    const [delivery] = split(many(1, 500), 1_048_576)
    const bytes = messageBytes(delivery!.text, delivery!.attributes ?? {})
    expect(split(many(1, 500), bytes)[0]?.unsendable).toBeUndefined()
    expect(split(many(1, 500), bytes - 1)[0]?.unsendable).toBeDefined()
    expect(messageBytes('é', { ab: 'ü' })).toBe(2 + 2 + 'String'.length + 2)
  })

  it.each([
    ['\ufffe', '\\ufffe'],
    ['\uffff', '\\uffff'],
    ['\ud800', '\\ud800'],
    ['\udfff', '\\udfff'],
    ['\u0000', '\\u0000'],
    ['\u0008', '\\b'],
    ['😀', '😀'],
    ['\u2028', '\u2028'],
    ['\ufffd', '\ufffd'],
  ])('has no character that SQS refuses: %j', (char, written) => {
    const [delivery] = split({ user_attributes: { text: `a${char}b` } }, 262_144)
    expect(delivery?.text).toContain(`"a${written}b"`)
    expect(read(delivery!).user_attributes).toEqual({ text: `a${char}b` })
  })
})

describe('an alias request', () => {
  const context = { id: 'd-1', mpid, input: { id: 'web', app_name: 'Shop 1' }, identityTimes: {} }
  const apply = (request: object, settings = {}) =>
    applyAlias(
      request as never,
      0,
      sqsSettings({ send_alias_requests: true, ...settings }),
      context
    )

  it('is a separate message, without keys, with ids as text', () => {
    const [delivery] = apply(aliasRequest)
    expect(delivery).toMatchObject({ events: 0, mpid, lane: '' })
    const { start_unixtime_ms, end_unixtime_ms, ...data } = aliasRequest.data
    expect(JSON.parse(delivery!.text)).toEqual({
      message_type: 'alias_request',
      message_id: expect.any(String),
      schema_version: 2,
      environment: 'development',
      timestamp_unixtime_ms: '0',
      request_id: aliasRequest.request_id,
      data: {
        ...data,
        start_unixtime_ms: String(start_unixtime_ms),
        end_unixtime_ms: String(end_unixtime_ms),
      },
    })
  })

  it('has no character that SQS refuses, and a limit like every message', () => {
    expect(apply({ data: { scope: '\uffff' } })[0]?.text).toContain('"\\uffff"')
    expect(apply({ data: { scope: 'x'.repeat(2000) } }, { max_message_bytes: 1024 })).toMatchObject(
      [{ unsendable: expect.any(String) }]
    )
  })

  it('is sent only with the setting on', () => {
    expect(apply(aliasRequest, { send_alias_requests: false })).toEqual([])
  })
})
