import { describe, expect, it } from 'vitest'
import {
  exactText,
  isObject,
  isTooDeep,
  type Json,
  numberOf,
  omit,
  parseJson,
  readInt64,
  readMs,
  stringifyJson,
} from '../../../worker/base/json'
import { randomJson, seededRandom } from '../../support/random-json'

describe('JSON that passes through', () => {
  it.each([
    '7346244611012968789',
    '-1096377938905861812',
    '9007199254740993',
    '9223372036854775807',
    '18446744073709551616',
    '1e400',
    '-1e400',
    '1E+400',
    '1.5e-400',
    '0.12345678901234567890',
    '12345678.123456781',
    '1.0000000000000000',
    '123456789012345678901234567890e-10',
  ])('keeps the number %s as it was written, wherever it stands', (number) => {
    for (const text of [
      number,
      `[${number}]`,
      `[1,${number},2]`,
      `{"a":${number}}`,
      `{"a":{"b":[${number},"${number}"]},"c":1}`,
    ]) {
      expect(stringifyJson(parseJson(text))).toBe(text)
    }
    expect(stringifyJson(parseJson(`{\n\t"a" : ${number} }`))).toBe(`{"a":${number}}`)
  })

  it.each([
    '"7346244611012968789"',
    '"1e400"',
    '"a\\"b:7346244611012968789,"',
    '{"7346244611012968789":1}',
    '["\\\\",7346244611012968789]',
    '["\\\\\\"",7346244611012968789,"\u2028"]',
    '"\\ud800"',
    '{"__proto__":{"a":7346244611012968789}}',
  ])('takes no digits in text for a number: %s', (text) => {
    expect(stringifyJson(parseJson(text))).toBe(text)
  })

  it('takes no text that a client sends for its mark', () => {
    for (const text of ['"\ue000abc:5"', '"\ue000:5"', '["\ue000",7346244611012968789]']) {
      expect(stringifyJson(parseJson(text))).toBe(text)
    }
  })

  it.each([
    '',
    '{',
    '[1,]',
    '{a:1}',
    '01',
    '[00000000000000000001]',
    '[-01234567890123456789]',
    '[1.]',
    '[.5]',
    '[+1]',
    '[7346244611012968789x]',
    '[7346244611012968789 5]',
    '[1e]',
    'NaN',
    '"\n"',
    "{'a':1}",
    '[7346244611012968789] 1',
  ])('refuses %j, as it is not JSON', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  })

  it('reads and writes any JSON as JSON.parse and JSON.stringify do', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const value = randomJson(seededRandom(seed))
      const text = JSON.stringify(value)
      expect(parseJson(text)).toEqual(value)
      expect(stringifyJson(parseJson(text))).toBe(text)
    }
  })

  it('writes random long numbers back as they were', () => {
    const random = seededRandom(7)
    const digits = (count: number) =>
      Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
    for (let i = 0; i < 500; i++) {
      const sign = random() < 0.5 ? '-' : ''
      const fraction = random() < 0.5 ? `.${digits(1 + Math.floor(random() * 20))}` : ''
      const number = `${sign}${1 + Math.floor(random() * 9)}${digits(15 + Math.floor(random() * 10))}${fraction}`
      expect(stringifyJson(parseJson(`{"n":${number}}`))).toBe(`{"n":${number}}`)
    }
  })
})

describe('a number made of its text', () => {
  it.each([
    '0',
    '-0',
    '1795229708345',
    '9007199254740991',
    '9007199254740993',
    '-1096377938905861812',
    '12345678901234567.89',
    '12.50',
    '1e5',
  ])('%s is written as it was spelled', (text) => {
    expect(stringifyJson({ a: [numberOf(text)], b: text })).toBe(`{"a":[${text}],"b":"${text}"}`)
    expect(JSON.parse(stringifyJson(numberOf(text)))).toBe(Number(text))
  })

  it('is a number where one will do', () => {
    expect(numberOf('1795229708345')).toBe(1795229708345)
  })
})

describe('an int64', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['1795229708345', '1795229708345'],
    ['"1795229708345"', '1795229708345'],
    ['9007199254740991', '9007199254740991'],
    ['9007199254740993', '9007199254740993'],
    // A double prints these digits, yet they are beyond the safe integers.
    ['600868121729048600', '600868121729048600'],
    ['-7636538281262557000', '-7636538281262557000'],
    ['9223372036854775807', '9223372036854775807'],
    ['"-9223372036854775808"', '-9223372036854775808'],
    ['"0007"', '7'],
  ])('is read from %s', (text, expected) => {
    expect(readInt64(parseJson(text))).toBe(expected)
  })

  it.each([
    '9223372036854775808',
    '-9223372036854775809',
    '"99999999999999999999"',
    '1.5',
    '7346244611012968789.5',
    '1e21',
    '1e400',
    '""',
    '" 7"',
    '"+7"',
    '"0x10"',
    '"seven"',
    'null',
    'true',
    '[7]',
    '{}',
  ])('is not read from %s', (text) => {
    expect(readInt64(parseJson(text))).toBeUndefined()
  })

  it('is not read from what is absent', () => {
    expect(readInt64(undefined)).toBeUndefined()
  })

  it('as a time becomes a number', () => {
    expect(readMs('1795229708345')).toBe(1795229708345)
    expect(readMs('soon')).toBeUndefined()
  })
})

describe('text', () => {
  const brackets = '[]'.repeat(201)

  it.each<[string, string, boolean]>([
    ['200 levels', '['.repeat(200) + ']'.repeat(200), false],
    ['201 levels', '['.repeat(201) + ']'.repeat(201), true],
    ['brackets within a string', `${brackets}"${'['.repeat(201)}"`, false],
    ['brackets after a string with an escaped quote', `"\\"[${'['.repeat(201)}`, false],
    ['brackets after a string', `"\\""${'['.repeat(201)}`, true],
    ['an escape across lines', `"\\\n["${'['.repeat(200)}`, false],
    ['an escape that has no end', `${brackets}"\\`, false],
    ['a string of escapes that has no end', `${brackets}"`.padEnd(262_144, '\\"'), false],
    ['one of escaped lines', `${brackets}"`.padEnd(262_144, '\\\n'), false],
  ])('of %s is judged by its depth', (_what, text, expected) => {
    expect(isTooDeep(text)).toBe(expected)
  })
})

describe('values', () => {
  it('give their exact digits, or themselves', () => {
    const [exact, ...others] = parseJson('[7346244611012968789,"text",5,null]') as Json[]
    expect(exactText(exact)).toBe('7346244611012968789')
    expect(others.map(exactText)).toEqual(['text', 5, null])
  })

  it('are objects only when they are', () => {
    expect([{}, [], null, 'x', undefined].map(isObject)).toEqual([true, false, false, false, false])
  })

  it('lose the fields that are named, and no others', () => {
    const object = { a: 1, b: 2 }
    expect(omit(object, ['a', 'c'])).toEqual({ b: 2 })
    expect(object).toEqual({ a: 1, b: 2 })
  })
})
