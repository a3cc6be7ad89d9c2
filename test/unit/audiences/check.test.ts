import { describe, expect, it } from 'vitest'
import { audienceProblems, ruleProblems } from '../../../worker/audiences/check'
import { compileAudiences } from '../../../worker/audiences/compile'
import type { Audience, Rule } from '../../../worker/audiences/rule'

const problemsOf = (rule: unknown): string[] =>
  ruleProblems(rule, 'r').map(({ code, path }) => `${code} ${path}`)

const nested = (levels: number, inner: object): object =>
  levels === 0 ? inner : { not: nested(levels - 1, inner) }

const nestedQuery = (levels: number): object =>
  levels === 0 ? { plan: 'pro' } : { $and: [nestedQuery(levels - 1)] }

const leaves = (count: number): object => ({
  any: Array.from({ length: count }, () => ({ audience: 'a' })),
})

const login = { name: 'login' }
const sum = { property: 'total', gte: 100 }
const trial = { attribute: 'trial_end' }

describe('a rule', () => {
  it.each<[what: string, rule: object]>([
    ['an empty all', { all: [] }],
    ['an empty any', { any: [] }],
    ['groups in groups', { all: [{ any: [{ not: { audience: 'a' } }] }] }],
    ['a value itself', { attribute: { plan: 'pro', age: 18, vip: true, gone: null } }],
    ['no condition at all', { attribute: {} }],
    ['an ordering', { attribute: { $age: { $gte: 18, $lt: 30 }, since: { $gt: '2026-01-01' } } }],
    ['sets', { attribute: { plan: { $in: ['pro', 5, null, true], $nin: [] } } }],
    ['lists', { attribute: { tags: { $all: ['a'], $size: 2, $ne: 'b', $exists: true } } }],
    ['a pattern', { attribute: { email: { $regex: '@example\\.org$', $options: 'i' } } }],
    ['a pattern of 100 characters', { attribute: { email: { $regex: 'x'.repeat(100) } } }],
    [
      'groups of a query',
      { attribute: { $or: [{ a: 1 }, { $nor: [{ b: { $not: { $lt: 1 } } }] }] } },
    ],
    ['a name', { event: login }],
    ['a type', { event: { type: 'screen_view' } }],
    [
      'both, where and within',
      { event: { ...login, type: 'custom_event', where: { a: 1 }, within: '15m' } },
    ],
    [
      'every unit',
      {
        all: ['15m', '36h', '7d', '4w', '90d', '2160h'].map((within) => ({
          event: { ...login, within },
        })),
      },
    ],
    ['a count on both sides', { event: { ...login, within: '7d', count: { gte: 2, lt: 1000 } } }],
    ['a large count of all time', { event: { ...login, count: { gte: 5000 } } }],
    ['a sum', { event: { ...login, sum } }],
    ['a least value', { event: { ...login, min: { property: 'total', eq: -1.5 } } }],
    ['a greatest value', { event: { ...login, max: { property: 'total', lte: 0 } } }],
    ['dates that were', { date: { ...trial, within: 'last 30d' } }],
    ['dates to come', { date: { ...trial, within: 'next 90d' } }],
    ['dates between', { date: { ...trial, after: '2026-01-01', before: 1798761600000 } }],
    ['eight levels', nested(7, { audience: 'a' })],
    ['a query of eight levels', { attribute: nestedQuery(7) }],
    ['fifty conditions', leaves(50)],
  ])('may have %s', (_, rule) => {
    expect(problemsOf(rule)).toEqual([])
  })

  it.each<[rule: unknown, ...problems: string[]]>([
    [null, 'invalid_rule r'],
    [[], 'invalid_rule r'],
    ['plan = pro', 'invalid_rule r'],
    [{}, 'invalid_rule r'],
    [{ some: [] }, 'invalid_rule r'],
    [{ constructor: [] }, 'invalid_rule r'],
    [{ all: [], any: [] }, 'invalid_rule r'],
    [{ all: { audience: 'a' } }, 'invalid_rule r.all'],
    [{ any: [{ audience: 'a' }, 5] }, 'invalid_rule r.any.1'],
    [{ not: [] }, 'invalid_rule r.not'],
    [{ not: { not: {} } }, 'invalid_rule r.not.not'],
    [nested(8, { audience: 'a' }), `too_deep r${'.not'.repeat(8)}`],
    [leaves(51), 'too_many_leaves r'],
    [{ all: [leaves(30), { not: leaves(21) }] }, 'too_many_leaves r'],
    [{ audience: '' }, 'invalid_rule r.audience'],
    [{ audience: 5 }, 'invalid_rule r.audience'],
    [{ audience: null }, 'invalid_rule r.audience'],

    [{ attribute: 'plan' }, 'invalid_rule r.attribute'],
    [{ attribute: { plan: [] } }, 'invalid_rule r.attribute.plan'],
    [{ attribute: { plan: {} } }, 'invalid_rule r.attribute.plan'],
    [{ attribute: { plan: { $near: 1 } } }, 'unknown_operator r.attribute.plan.$near'],
    [{ attribute: { plan: { $where: '1' } } }, 'unknown_operator r.attribute.plan.$where'],
    [{ attribute: { plan: { toString: 1 } } }, 'unknown_operator r.attribute.plan.toString'],
    [
      { attribute: JSON.parse('{"plan":{"__proto__":1}}') },
      'unknown_operator r.attribute.plan.__proto__',
    ],
    [{ attribute: { plan: { $and: [] } } }, 'unknown_operator r.attribute.plan.$and'],
    [{ attribute: { plan: { $eq: { a: 1 } } } }, 'invalid_rule r.attribute.plan.$eq'],
    [{ attribute: { plan: { $ne: [1] } } }, 'invalid_rule r.attribute.plan.$ne'],
    [{ attribute: { age: { $gt: true } } }, 'invalid_rule r.attribute.age.$gt'],
    [
      { attribute: { age: { $lte: null, $gte: [] } } },
      'invalid_rule r.attribute.age.$lte',
      'invalid_rule r.attribute.age.$gte',
    ],
    [{ attribute: { plan: { $in: 'pro' } } }, 'invalid_rule r.attribute.plan.$in'],
    [{ attribute: { plan: { $nin: [[]] } } }, 'invalid_rule r.attribute.plan.$nin'],
    [{ attribute: { plan: { $in: Array(1001).fill(1) } } }, 'invalid_rule r.attribute.plan.$in'],
    [{ attribute: { tags: { $all: {} } } }, 'invalid_rule r.attribute.tags.$all'],
    [{ attribute: { tags: { $size: -1 } } }, 'invalid_rule r.attribute.tags.$size'],
    [{ attribute: { tags: { $size: '1' } } }, 'invalid_rule r.attribute.tags.$size'],
    [{ attribute: { plan: { $exists: 1 } } }, 'invalid_rule r.attribute.plan.$exists'],
    [{ attribute: { plan: { $regex: 5 } } }, 'invalid_rule r.attribute.plan.$regex'],
    [{ attribute: { plan: { $regex: '(' } } }, 'invalid_rule r.attribute.plan.$regex'],
    [{ attribute: { plan: { $regex: '(?=a)' } } }, 'invalid_rule r.attribute.plan.$regex'],
    [{ attribute: { plan: { $regex: 'x'.repeat(101) } } }, 'invalid_rule r.attribute.plan.$regex'],
    [
      { attribute: { plan: { $regex: 'a', $options: 'ix' } } },
      'invalid_rule r.attribute.plan.$options',
    ],
    [{ attribute: { plan: { $options: 'i' } } }, 'invalid_rule r.attribute.plan.$options'],
    [
      { attribute: { plan: { $not: { $near: 1 } } } },
      'unknown_operator r.attribute.plan.$not.$near',
    ],
    [{ attribute: { $or: { plan: 1 } } }, 'invalid_rule r.attribute.$or'],
    [{ attribute: { $and: [{ plan: 1 }, 'x'] } }, 'invalid_rule r.attribute.$and.1'],
    [{ attribute: { $nor: [{ plan: { $x: 1 } }] } }, 'unknown_operator r.attribute.$nor.0.plan.$x'],
    [{ attribute: nestedQuery(8) }, `too_deep r.attribute${'.$and.0'.repeat(8)}`],

    [{ event: 'login' }, 'invalid_rule r.event'],
    [{ event: {} }, 'invalid_rule r.event'],
    [{ event: { within: '7d' } }, 'invalid_rule r.event'],
    [{ event: { name: '' } }, 'invalid_rule r.event.name'],
    [{ event: { type: 5 } }, 'invalid_rule r.event.type'],
    [{ event: { ...login, colour: 'red' } }, 'unknown_field r.event.colour'],
    [{ event: { ...login, where: [] } }, 'invalid_rule r.event.where'],
    [
      { event: { ...login, where: { total: { $x: 1 } } } },
      'unknown_operator r.event.where.total.$x',
    ],
    ...['7', '7 d', 'd', '0d', '-1d', '1.5d', '7D', '7y', '9999999999d', ''].map(
      (within): [object, string] => [{ event: { ...login, within } }, 'invalid_rule r.event.within']
    ),
    [{ event: { ...login, within: 7 } }, 'invalid_rule r.event.within'],
    ...['91d', '13w', '2161h', '129601m'].map((within): [object, string] => [
      { event: { ...login, within } },
      'window_too_long r.event.within',
    ]),
    [{ event: { ...login, count: 2 } }, 'invalid_rule r.event.count'],
    [{ event: { ...login, count: {} } }, 'invalid_rule r.event.count'],
    [{ event: { ...login, count: { $gte: 2 } } }, 'invalid_rule r.event.count'],
    [{ event: { ...login, count: { gte: 2, $lt: 3 } } }, 'unknown_field r.event.count.$lt'],
    [{ event: { ...login, count: { gte: '2' } } }, 'invalid_rule r.event.count.gte'],
    [{ event: { ...login, count: { gte: null } } }, 'invalid_rule r.event.count.gte'],
    [
      { event: { ...login, count: { gte: 2, property: 'total' } } },
      'unknown_field r.event.count.property',
    ],
    [
      { event: { ...login, within: '1d', count: { gte: 1, lte: 1001 } } },
      'invalid_rule r.event.count.lte',
    ],
    [{ event: { ...login, count: { gte: 1 }, sum } }, 'invalid_rule r.event'],
    [{ event: { ...login, min: sum, max: sum } }, 'invalid_rule r.event'],
    [{ event: { ...login, sum: { gte: 1 } } }, 'invalid_rule r.event.sum.property'],
    [{ event: { ...login, max: { property: '', gte: 1 } } }, 'invalid_rule r.event.max.property'],
    [{ event: { ...login, min: { property: 'total' } } }, 'invalid_rule r.event.min'],

    [{ date: 'trial_end' }, 'invalid_rule r.date'],
    [{ date: trial }, 'invalid_rule r.date'],
    [{ date: { within: 'last 30d' } }, 'invalid_rule r.date.attribute'],
    [{ date: { attribute: '', after: '2026-01-01' } }, 'invalid_rule r.date.attribute'],
    [{ date: { ...trial, within: 'last 30d', before: '2026-01-01' } }, 'invalid_rule r.date'],
    [{ date: { ...trial, within: '30d' } }, 'invalid_rule r.date.within'],
    [{ date: { ...trial, within: 'past 30d' } }, 'invalid_rule r.date.within'],
    [{ date: { ...trial, within: 'last 0d' } }, 'invalid_rule r.date.within'],
    [{ date: { ...trial, within: 'next 91d' } }, 'window_too_long r.date.within'],
    [{ date: { ...trial, before: 'soon' } }, 'invalid_rule r.date.before'],
    [{ date: { ...trial, after: true } }, 'invalid_rule r.date.after'],
    [{ date: { ...trial, after: '2026-01-01', colour: 'red' } }, 'unknown_field r.date.colour'],
  ])('%j is refused', (rule, ...problems) => {
    expect(problemsOf(rule)).toEqual(problems)
  })

  // Too deep for a title.
  it('of five thousand levels is refused', () => {
    const rule = nested(5000, { audience: 'a' })
    expect(problemsOf(rule)).toEqual([`too_deep r${'.not'.repeat(8)}`])
  })

  it('is refused with all of its problems', () => {
    const rule = { all: [{ event: {} }, { attribute: { a: { $x: 1 }, b: [] } }, { date: {} }] }
    expect(problemsOf(rule)).toEqual([
      'invalid_rule r.all.0.event',
      'unknown_operator r.all.1.attribute.a.$x',
      'invalid_rule r.all.1.attribute.b',
      'invalid_rule r.all.2.date.attribute',
      'invalid_rule r.all.2.date',
    ])
  })
})

const referring = (id: string, ...others: string[]): Audience => ({
  id,
  rule: { all: others.map((audience) => ({ audience })) },
})

const across = (audiences: Audience[]) =>
  audienceProblems(audiences).map(({ code, path, message }) => `${code} ${path}: ${message}`)

const counting = (count: number, gte: number): Audience[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `a${i}`,
    rule: { event: { name: `e${i}`, within: '30d', count: { gte } } },
  }))

const summing = (count: number): Audience[] => {
  const rules = Array.from({ length: count }, (_, i): Rule => {
    const property = `p${i}`
    return { event: { name: 'Purchase', within: '30d', sum: { property, gte: 1 } } }
  })
  return Array.from({ length: Math.ceil(count / 50) }, (_, i) => ({
    id: `s${i}`,
    rule: { any: rules.slice(i * 50, (i + 1) * 50) },
  }))
}

describe('audiences together', () => {
  it.each<[what: string, audiences: Audience[], problems: string[]]>([
    ['a chain', [referring('a', 'b'), referring('b', 'c'), referring('c')], []],
    [
      'two that refer to the same',
      [referring('a', 'c'), referring('b', 'c', 'c'), referring('c')],
      [],
    ],
    [
      'one that does not exist',
      [referring('a', 'b')],
      ['not_found audiences.0.rule: There is no audience b.'],
    ],
    [
      'one with the name of a property of Object.prototype',
      [referring('a', 'constructor')],
      ['not_found audiences.0.rule: There is no audience constructor.'],
    ],
    [
      'one that refers to itself',
      [referring('a', 'a')],
      ['cycle audiences: These audiences refer to each other in a circle: a.'],
    ],
    [
      'a circle, without those that only refer to it',
      [
        referring('x', 'y'),
        referring('y', 'a'),
        referring('a', 'b'),
        referring('b', 'c'),
        referring('c', 'a'),
        referring('z'),
      ],
      ['cycle audiences: These audiences refer to each other in a circle: a, b, c.'],
    ],
    [
      'a circle through not',
      [{ id: 'a', rule: { not: { any: [{ audience: 'b' }] } } }, referring('b', 'a')],
      ['cycle audiences: These audiences refer to each other in a circle: a, b.'],
    ],
    ['19 counts up to 1000', counting(19, 1000), []],
    [
      '20 counts up to 1000',
      counting(20, 1000),
      [
        'too_many_marks audiences: The rules need the times of up to 20020 events in each profile; the most is 20000.',
      ],
    ],
    ['100 counts up to 199', counting(100, 199), []],
    ['156 sums', summing(156), []],
  ])('%s', (_, audiences, problems) => {
    expect(across(audiences)).toEqual(problems)
  })

  it('may not have more sums than fit', () => {
    expect(across(summing(157))).toEqual([expect.stringMatching(/^too_many_marks audiences: /)])
  })

  it('count once what they count alike', () => {
    const alike = Array.from({ length: 100 }, (_, i): Audience => {
      const event = { name: 'view', within: `${i + 1}h`, count: { gte: 1000 } }
      return { id: `a${i}`, rule: { event } }
    })
    expect(across(alike)).toEqual([])
    expect([...compileAudiences(alike).events.values()].map(({ need }) => need)).toEqual([
      { of: 'count', newest: 1001, windowMs: 100 * 3_600_000 },
    ])
  })

  it.each([
    [1, 1000],
    [10, 1000],
    [20, 500],
    [150, 66],
    [156, 64],
  ])('with %i sums keep %i marks of each, 20,000 in all with their values', (sums, most) => {
    const needs = [...compileAudiences(summing(sums)).events.values()].map(({ need }) => need)
    expect(new Set(needs.map(({ newest }) => newest))).toEqual(new Set([most]))
    expect(sums * most * 2).toBeLessThanOrEqual(20_000)
  })

  it('are evaluated after those that they refer to, else in the order of the list', () => {
    const audiences = [
      referring('a', 'c'),
      referring('b'),
      referring('c', 'd', 'e'),
      referring('d', 'e'),
      referring('e'),
    ]
    const ids = compileAudiences(audiences).audiences.map(({ id }) => id)
    expect(ids).toEqual(['b', 'e', 'd', 'c', 'a'])
  })
})
