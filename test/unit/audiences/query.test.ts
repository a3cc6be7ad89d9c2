import { describe, expect, it } from 'vitest'
import { compileQuery, queryFields, queryProblems } from '../../../worker/audiences/query'
import type { Query } from '../../../worker/audiences/rule'
import { type Json, type JsonObject, own, parseJson } from '../../../worker/base/json'

const matches = (query: Query, fields: JsonObject): boolean => {
  expect(queryProblems(query, '')).toEqual([])
  return compileQuery(query)((name) => own(fields, name))
}

const missing = Symbol('missing')
type Value = Json | typeof missing

const table: [condition: Json, yes: Value[], no: Value[]][] = [
  ['pro', ['pro', ['free', 'pro']], ['Pro', missing, null, 5, { pro: 1 }, []]],
  [5, [5, '5', '5.0', [1, 5]], ['five', '', true, missing, null, [[5]]]],
  [true, [true, [false, true]], ['true', 1, false, missing, null]],
  ['', [''], [missing, null, 0, ' ']],
  [null, [missing, null], ['', 0, false]],
  [{ $eq: null }, [missing, null], ['', 0]],
  [{ $ne: null }, ['', 0, false, []], [missing, null]],
  [{ $eq: '5' }, ['5', 5], ['5.0', missing]],
  [{ $ne: 'pro' }, ['free', missing, null, 5, ['a', 'b']], ['pro', ['a', 'pro']]],
  [{ $gt: 5 }, [6, '6', '10', 5.01, [1, 6]], [5, '5', missing, null, '', ' ', 'x', true, {}, []]],
  [{ $gte: 5 }, [5, '5', 6], [4.9, missing, null, '', 'z']],
  [{ $lt: 5 }, [4, '-1', [9, 4]], [5, missing, null, '', ' ', 'a', false, {}, []]],
  [{ $lte: 0 }, [0, -0, '-3', '0'], [missing, null, '', false, 1]],
  [{ $gt: 'b' }, ['c', 'ba'], ['a', 'b', missing, null, 5]],
  [{ $lt: 'b' }, ['a', ''], ['b', missing, null, 5, 'c']],
  [{ $gte: '2026-01-01' }, ['2026-01-01', '2026-07-01T00:00:00Z'], ['2025-12-31', missing]],
  [{ $gte: 18, $lt: 30 }, [18, '29'], [17, 30, missing]],
  [{ $in: ['pro', 5] }, ['pro', 5, '5', ['x', 'pro']], ['free', missing, null]],
  [{ $in: [null] }, [missing, null], ['', 0]],
  [{ $in: [] }, [], ['x', missing]],
  [{ $nin: ['pro', 5] }, ['free', missing, null], ['pro', 5, '5', ['x', 5]]],
  [{ $all: ['a', 'b'] }, [['b', 'c', 'a']], [['a'], 'a', missing, null]],
  [
    { $size: 2 },
    [
      ['a', 'b'],
      [null, 1],
    ],
    [['a'], [], 'ab', 2, missing, null],
  ],
  [{ $size: 0 }, [[]], [missing, null, '', {}]],
  [{ $exists: true }, ['', 0, false, [], null], [missing]],
  [{ $exists: false }, [missing], ['', 0, null]],
  [{ $regex: '^a.*z$' }, ['abcz', ['x', 'az']], ['Az', missing, null, 5, { a: 'az' }]],
  [{ $regex: '^a', $options: 'i' }, ['Abc'], ['bA']],
  [{ $regex: '5' }, ['15'], [15, 5]],
  [{ $not: { $gt: 5 } }, [5, missing, null, 'x'], [6, '7']],
  [{ $not: { $regex: 'a' } }, ['b', missing], ['a']],
  [{ $not: 'pro' }, ['free', missing], ['pro']],
  [{ $not: { $not: { $lt: 5 } } }, [4], [5, missing]],
]

describe.each(table)('a condition %j', (condition, yes, no) => {
  const fieldsWith = (value: Value): JsonObject =>
    value === missing ? {} : { field: value as Json }

  it('holds where it should, and only there', () => {
    for (const value of yes)
      expect([value, matches({ field: condition }, fieldsWith(value))]).toEqual([value, true])
    for (const value of no)
      expect([value, matches({ field: condition }, fieldsWith(value))]).toEqual([value, false])
  })
})

describe('a query', () => {
  it('wants all of its fields', () => {
    const query = { plan: 'pro', $age: { $gte: 18 }, 'address.city': 'Bern' }
    expect(matches(query, { plan: 'pro', $age: 20, 'address.city': 'Bern' })).toBe(true)
    expect(matches(query, { plan: 'pro', $age: 17, 'address.city': 'Bern' })).toBe(false)
    expect(matches(query, { plan: 'pro', $age: 20, address: { city: 'Bern' } })).toBe(false)
    expect(matches({}, {})).toBe(true)
  })

  it.each<[query: Query, fields: JsonObject, expected: boolean]>([
    [{ $and: [{ a: 1 }, { b: 2 }] }, { a: 1, b: 2 }, true],
    [{ $and: [{ a: 1 }, { b: 2 }] }, { a: 1 }, false],
    [{ $or: [{ a: 1 }, { b: 2 }] }, { b: 2 }, true],
    [{ $or: [{ a: 1 }, { b: 2 }] }, {}, false],
    [{ $or: [] }, {}, false],
    [{ $and: [] }, {}, true],
    [{ $nor: [{ a: 1 }, { b: 2 }] }, { a: 2 }, true],
    [{ $nor: [{ a: 1 }, { b: 2 }] }, { b: 2 }, false],
    [{ $or: [{ $and: [{ a: 1 }] }, { $nor: [{ b: { $exists: true } }] }], c: 3 }, { c: 3 }, true],
  ])('%j on %j is %s', (query, fields, expected) => {
    expect(matches(query, fields)).toBe(expected)
  })

  it('compares exact numbers: with texts to the last digit, with numbers as near as they are', () => {
    const fields = parseJson('{"id":9007199254740993,"list":[1,9007199254740993]}') as JsonObject
    expect(matches({ id: '9007199254740993' }, fields)).toBe(true)
    expect(matches({ id: '9007199254740992' }, fields)).toBe(false)
    expect(matches({ id: { $gt: 9_000_000_000_000_000 } }, fields)).toBe(true)
    expect(matches({ list: { $in: ['9007199254740993'] } }, fields)).toBe(true)
  })

  it('finds nothing behind names that every object has', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(matches({ [name]: { $exists: true } }, {})).toBe(false)
      expect(matches({ [name]: 'x' }, { [name]: 'x' })).toBe(true)
    }
    const strange = parseJson('{"__proto__":{"$exists":true}}') as Query
    expect(matches(strange, {})).toBe(false)
    expect(matches(strange, parseJson('{"__proto__":1}') as JsonObject)).toBe(true)
  })

  it('has an answer for values that are huge', () => {
    const fields = {
      text: 'a'.repeat(1_000_000),
      list: Array.from({ length: 100_000 }, (_, i) => i),
    }
    expect(matches({ text: { $regex: '(a+)+b' } }, fields)).toBe(false)
    expect(matches({ text: { $gt: 5 } }, fields)).toBe(false)
    expect(matches({ list: 99_999 }, fields)).toBe(true)
  })

  it('names the fields that it reads', () => {
    const query = { a: 1, $or: [{ b: 1 }, { $nor: [{ 'device.model': 'x' }] }] }
    expect(queryFields(query)).toEqual(['a', 'b', 'device.model'])
  })
})
