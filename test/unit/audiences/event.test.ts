import { describe, expect, it } from 'vitest'
import { compileAudiences } from '../../../worker/audiences/compile'
import { compileEvent, evaluateEvent } from '../../../worker/audiences/event-leaf'
import { numbersOf, viewEvent } from '../../../worker/audiences/event-view'
import { observeBatch } from '../../../worker/audiences/observations'
import type { EventRule } from '../../../worker/audiences/rule'
import type { Json, JsonObject } from '../../../worker/base/json'
import { parseJson } from '../../../worker/base/json'
import type { BatchEvent } from '../../../worker/batch'

const now = Date.UTC(2026, 0, 10)
const hour = 3_600_000

const custom = (event_name: Json, more: JsonObject = {}): BatchEvent => ({
  event_type: 'custom_event',
  data: { event_name, timestamp_unixtime_ms: now, ...more },
})

const purchase: BatchEvent = {
  event_type: 'commerce_event',
  data: {
    timestamp_unixtime_ms: String(now - 5),
    custom_attributes: { coupon: 'SUMMER', total_amount: 1, constructor: 'own' },
    product_action: {
      action: 'purchase',
      transaction_id: 'T-1',
      total_amount: 49.9,
      products: [
        { id: 'A', price: 10, quantity: '2', custom_attributes: { colour: 'red' } },
        { id: 'B', price: '39.90', custom_attributes: { colour: 'blue', price: 1 } },
        'no product',
        { id: 'C' },
      ],
    },
  },
}

describe('an event', () => {
  it.each<[BatchEvent, Json | undefined]>([
    [custom('Purchase'), 'Purchase'],
    [{ event_type: 'screen_view', data: { screen_name: 'home' } }, 'home'],
    [purchase, 'purchase'],
    [{ event_type: 'session_start', data: {} }, undefined],
    [{ event_type: 'session_start' }, undefined],
    [{ event_type: 'custom_event', data: 'nothing' }, undefined],
    [{ event_type: 'commerce_event', data: { product_action: 'purchase' } }, undefined],
  ])('%j is called %j', (event, name) => {
    expect(viewEvent(event, now).name).toBe(name)
  })

  it.each<[Json | undefined, number]>([
    [now - 1, now - 1],
    [String(now - hour), now - hour],
    [now + hour, now],
    ['9223372036854775807', now],
    [undefined, now],
    [null, now],
    ['yesterday', now],
    [1.5, now],
    [-1, -1],
  ])('of the time %j happened at %d', (timestamp_unixtime_ms, ms) => {
    const data = {
      event_name: 'x',
      ...(timestamp_unixtime_ms === undefined ? {} : { timestamp_unixtime_ms }),
    }
    expect(viewEvent({ event_type: 'custom_event', data }, now).ms).toBe(ms)
  })

  it.each<[field: string, value: Json | undefined]>([
    ['coupon', 'SUMMER'],
    ['total_amount', 1],
    ['transaction_id', 'T-1'],
    ['action', 'purchase'],
    ['product.id', ['A', 'B', 'C']],
    ['product.price', [10, '39.90']],
    ['product.colour', ['red', 'blue']],
    ['product.size', undefined],
    ['product.constructor', undefined],
    ['constructor', 'own'],
    ['toString', undefined],
    ['__proto__', undefined],
  ])('has the field %s', (field, value) => {
    expect(viewEvent(purchase, now).field(field)).toEqual(value)
  })

  it.each<[value: Json, numbers: number[]]>([
    [5, [5]],
    ['5.5', [5.5]],
    [' 7 ', [7]],
    ['', []],
    [' ', []],
    ['5 CHF', []],
    ['Infinity', []],
    ['NaN', []],
    ['1e999', []],
    [true, []],
    [null, []],
    [
      [1, '2', 'x', [3]],
      [1, 2, 3],
    ],
    [{ amount: 5 }, []],
  ])('has numbers in %j', (value, numbers) => {
    const event = viewEvent(custom('x', { custom_attributes: { value } }), now)
    expect(numbersOf(event, 'value')).toEqual(numbers)
  })

  it('has an exact number as near as it is', () => {
    const event = parseJson(
      '{"event_type":"x","data":{"custom_attributes":{"value":9007199254740993}}}'
    )
    expect(numbersOf(viewEvent(event as BatchEvent, now), 'value')).toEqual([9007199254740992])
  })
})

describe('a condition on events', () => {
  const marksOf = (rule: EventRule, event: BatchEvent) =>
    compileEvent(rule).marks(viewEvent(event, now))

  it.each<[EventRule, BatchEvent, number]>([
    [{ name: 'Purchase' }, custom('Purchase'), 1],
    [{ name: 'Purchase' }, custom('purchase'), 0],
    [{ name: 'purchase' }, purchase, 1],
    [{ name: 'purchase', type: 'custom_event' }, purchase, 0],
    [{ type: 'commerce_event' }, purchase, 1],
    [{ type: 'screen_view' }, purchase, 0],
    [{ name: '5' }, custom(5), 0],
    [{ type: 'commerce_event', where: { coupon: 'SUMMER' } }, purchase, 1],
    [{ type: 'commerce_event', where: { coupon: { $exists: false } } }, purchase, 0],
    [{ type: 'commerce_event', where: { 'product.price': { $gt: 30 } } }, purchase, 1],
    [{ type: 'commerce_event', where: { 'product.price': { $gt: 40 } } }, purchase, 0],
    [{ name: 'purchase', sum: { property: 'product.price', gte: 1 } }, purchase, 2],
    [{ name: 'purchase', sum: { property: 'coupon', gte: 1 } }, purchase, 0],
  ])('%j finds of %j %i', (rule, event, marks) => {
    expect(marksOf(rule, event)).toHaveLength(marks)
  })

  it.each<[EventRule, marks: number[], boolean]>([
    [{ name: 'x' }, [], false],
    [{ name: 'x' }, [1], true],
    [{ name: 'x', count: { eq: 0 } }, [], true],
    [{ name: 'x', count: { lt: 2 } }, [1], true],
    [{ name: 'x', count: { lt: 2 } }, [1, 1], false],
    [{ name: 'x', count: { gt: 1.5 } }, [1, 1], true],
    [{ name: 'x', count: { gte: -1 } }, [], true],
    [{ name: 'x', sum: { property: 'v', lte: 0 } }, [], true],
    [{ name: 'x', sum: { property: 'v', gt: 5, lt: 7 } }, [2, 4], true],
    [{ name: 'x', min: { property: 'v', lt: 5 } }, [], false],
    [{ name: 'x', min: { property: 'v', lt: 5 } }, [9, 4], true],
    [{ name: 'x', max: { property: 'v', lte: 5 } }, [], false],
    [{ name: 'x', max: { property: 'v', lte: 5 } }, [9, 4], false],
  ])('%j of %j is %s, with a window and without', (rule, values, expected) => {
    const n = rule.min
      ? Math.min(...values)
      : rule.max
        ? Math.max(...values)
        : values.reduce((a, b) => a + b, 0)
    const ever = evaluateEvent(compileEvent(rule), values.length > 0 ? { n } : undefined, now)
    expect(ever).toEqual({ value: expected, next: Number.POSITIVE_INFINITY })
    const t = values.map((_, i) => now - hour + i)
    const windowed = compileEvent({ ...rule, within: '7d' })
    expect(evaluateEvent(windowed, { t, v: values }, now).value).toBe(expected)
  })

  it('counts an event until exactly its window later', () => {
    const leaf = compileEvent({ name: 'x', within: '1h' })
    const at = (ms: number) => evaluateEvent(leaf, { t: [now] }, ms)
    expect(at(now)).toEqual({ value: true, next: now + hour })
    expect(at(now + hour - 1)).toEqual({ value: true, next: now + hour })
    expect(at(now + hour)).toEqual({ value: false, next: Number.POSITIVE_INFINITY })
  })

  it.each<[EventRule['count'], next: number]>([
    [{ gte: 1 }, now + hour],
    [{ gte: 2 }, now - 10 + hour],
    [{ gte: 3 }, now - 20 + hour],
    [{ lt: 3 }, now - 20 + hour],
    [{ eq: 0 }, now + hour],
    [{ eq: 2 }, now - 20 + hour],
    [{ gte: 4 }, Number.POSITIVE_INFINITY],
  ])('%j changes next at %d', (count, next) => {
    const leaf = compileEvent({ name: 'x', within: '1h', ...(count ? { count } : {}) })
    expect(evaluateEvent(leaf, { t: [now - 20, now - 10, now] }, now).next).toBe(next)
  })
})

describe('a batch', () => {
  const audience = (id: string, rule: object) => ({ id, rule: rule as never })
  const set = compileAudiences([
    audience('named', { event: { name: 'view' } }),
    audience('typed', { event: { type: 'custom_event', where: { a: 1 } } }),
    audience('placed', { attribute: { 'device.model': 'X', 'application.constructor': 'X' } }),
    audience('dated', { date: { attribute: 'device.os.built', before: '2027-01-01' } }),
  ])
  const observe = (batch: JsonObject, events: BatchEvent[]) =>
    observeBatch({ batch, events, problems: [] }, set, now)

  it('has no observations that no rule needs', () => {
    const other = custom('click', { custom_attributes: { a: 2 } })
    expect(observe({ device_info: { brand: 'Y', model: null } }, [other, purchase])).toBeUndefined()
    expect(observe({ device_info: 'X', application_info: {} }, [])).toBeUndefined()
  })

  it('has marks for each condition that it satisfies', () => {
    const both = custom('view', { custom_attributes: { a: 1 } })
    const observations = observe({}, [both, both, custom('view')])
    expect(Object.values(observations?.marks ?? {}).map((marks) => marks.length)).toEqual([3, 2])
  })

  it('has the fields of device and application that rules read', () => {
    const device_info = { model: 'X', 'os.built': '2026-01-01', brand: 'Y' }
    expect(observe({ device_info, application_info: {} }, [])).toEqual({
      marks: {},
      facts: { 'device.model': 'X', 'device.os.built': '2026-01-01' },
    })
  })

  it('may have events with the names of properties of Object.prototype', () => {
    const strange = ['constructor', '__proto__', 'toString'].map((name) => custom(name))
    expect(observe({}, strange)).toBeUndefined()
  })
})
