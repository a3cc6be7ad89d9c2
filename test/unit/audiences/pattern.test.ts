import { expect, it } from 'vitest'
import { compilePattern, patternProblem } from '../../../worker/audiences/pattern'
import { seededRandom } from '../../support/random-json'

it.each([
  ['^a.c$', 'abc', true],
  ['^a.c$', 'a\nc', false],
  ['b+', 'abbbc', true],
  ['^(foo|bar)?$', '', true],
  ['^(foo|bar)?$', 'foobar', false],
  ['\\bcat\\b', 'a cat.', true],
  ['\\bcat\\b', 'concat', false],
  ['^[^@\\s]+@example\\.(com|org)$', 'ada@example.org', true],
  ['^\\d{3}-\\d{2,}$', '123-4', false],
  ['^\\d{3}-\\d{2,}$', '123-4567', true],
  ['\\u00e9|\\x41', 'é', true],
  ['^https?://[^/]+\\.example\\.com/', 'https://shop.example.com/x', true],
  ['', 'anything', true],
])('%s on %j is %s', (source, text, expected) => {
  expect(patternProblem(source)).toBeUndefined()
  expect(compilePattern(source, '')(text)).toBe(expected)
})

it('ignores case with the flag i', () => {
  expect(compilePattern('^[a-c]X', 'i')('Bx')).toBe(true)
  expect(compilePattern('^[a-c]X', '')('Bx')).toBe(false)
})

it.each([
  ['(', /regular expression/],
  ['a{2,1}', /regular expression/],
  ['a(?=b)', /lookaround/],
  ['(?<!a)b', /lookaround/],
  ['(a)\\1', /back references/],
  ['(?<name>a)', /named groups/],
  ['a{', /without a backslash/],
  ['(a{50}){50}', /repeats too much/],
  ['a{1000000000}', /repeats too much/],
])('%s is refused', (source, message) => {
  expect(patternProblem(source)).toMatch(message)
})

const atoms = ['a', 'b', 'A', '.', '[ab]', '[^a]', '\\d', '\\w', '\\b', '\\B', '^', '$', '\\.']
const repeats = ['*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?', '{0}']

it('agrees with the platform’s engine, for 10,000 expressions', () => {
  const random = seededRandom(1)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const make = (depth: number): string => {
    const kind = random()
    if (depth === 0 || kind < 0.4) return pick(atoms)
    if (kind < 0.6) return make(depth - 1) + make(depth - 1)
    if (kind < 0.8) return `(?:${make(depth - 1)}|${make(depth - 1)})`
    return `(${make(depth - 1)})${pick(repeats)}`
  }
  let matches = 0
  for (let i = 0; i < 10_000; i++) {
    const source = make(4)
    if (patternProblem(source) !== undefined) continue
    const flags = pick(['', 'i'] as const)
    const ours = compilePattern(source, flags)
    for (let j = 0; j < 4; j++) {
      const chars = Array.from({ length: Math.floor(random() * 6) }, () =>
        pick('abAB.-1\n'.split(''))
      )
      const text = chars.join('')
      const theirs = new RegExp(source, flags).test(text)
      if (theirs) matches++
      expect(ours(text), `/${source}/${flags} on ${JSON.stringify(text)}`).toBe(theirs)
    }
  }
  expect(matches).toBeGreaterThan(5000)
})

it.each(['(a+)+$', '(a|a)*b', '(a?){40}a{40}b', '(.*)*x'])(
  'has an answer for %s on a text that a backtracking engine would not finish',
  (source) => {
    expect(compilePattern(source, '')(`${'a'.repeat(9999)}!`)).toBe(false)
  }
)

it('looks at the first 10,000 characters', () => {
  expect(compilePattern('b', '')(`${'a'.repeat(9999)}b`)).toBe(true)
  expect(compilePattern('b', '')(`${'a'.repeat(10_000)}b`)).toBe(false)
})
