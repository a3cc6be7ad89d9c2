import { expect, it } from 'vitest'
import { compileAudiences } from '../../../worker/audiences/compile'
import {
  advance,
  applyObservations,
  emptyAudienceState,
  type MembershipChange,
  newAudienceState,
  type Step,
} from '../../../worker/audiences/membership'
import { observeBatch } from '../../../worker/audiences/observations'
import type { Field } from '../../../worker/audiences/query'
import {
  type Comparison,
  comparisons,
  type EventRule,
  type Rule,
} from '../../../worker/audiences/rule'
import type { JsonObject } from '../../../worker/base/json'
import type { BatchEvent } from '../../../worker/batch'
import { seededRandom } from '../../support/random-json'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)

interface Happening {
  ms: number
  attributes: JsonObject
  events: { name: string; total: number }[]
}

const names = ['Purchase', 'login', 'view']

/** Random rules and histories over a few hundred hours. */
const makeCase = (seed: number) => {
  const random = seededRandom(seed)
  const upto = (n: number) => Math.floor(random() * n)
  const pick = <T>(list: readonly T[]): T => list[upto(list.length)]!
  const comparison = (most: number): Comparison => ({ [pick(comparisons)]: upto(most) })
  const event = (): EventRule => {
    const measure = random()
    return {
      name: pick(names),
      ...(random() < 0.8 ? { within: `${1 + upto(60)}h` } : {}),
      ...(random() < 0.3 ? { where: { total: { $gte: upto(10) } } } : {}),
      ...(measure < 0.4 ? { count: comparison(4) } : {}),
      ...(measure >= 0.4 && measure < 0.8
        ? { [pick(['sum', 'min', 'max'] as const)]: { property: 'total', ...comparison(20) } }
        : {}),
    }
  }
  const rule = (depth: number): Rule => {
    const kind = random()
    if (depth > 0 && kind < 0.2)
      return { all: Array.from({ length: upto(3) }, () => rule(depth - 1)) }
    if (depth > 0 && kind < 0.4)
      return { any: Array.from({ length: upto(3) }, () => rule(depth - 1)) }
    if (depth > 0 && kind < 0.5) return { not: rule(depth - 1) }
    if (kind < 0.6) return { attribute: { level: { $gte: upto(4) } } }
    if (kind < 0.7) {
      const within = `${pick(['last', 'next'])} ${1 + upto(40)}h`
      return { date: { attribute: 'trial_end', within } }
    }
    return { event: event() }
  }
  const history: Happening[] = []
  let ms = start
  for (let i = upto(8); i >= 0; i--) {
    ms += (1 + upto(50)) * hour + upto(2) * 1234
    history.push({
      ms,
      attributes: {
        ...(random() < 0.4 ? { level: upto(5) } : {}),
        ...(random() < 0.3 ? { trial_end: ms + (upto(100) - 30) * hour } : {}),
      },
      events: Array.from({ length: upto(3) }, () => ({ name: pick(names), total: upto(12) })),
    })
  }
  return { rule: rule(3), history, endMs: ms + 300 * hour }
}

type Case = ReturnType<typeof makeCase>

const within = (text: string | undefined): number =>
  text === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(text, 10) * hour

const compares: Record<(typeof comparisons)[number], (a: number, b: number) => boolean> = {
  gte: (a, b) => a >= b,
  gt: (a, b) => a > b,
  lte: (a, b) => a <= b,
  lt: (a, b) => a < b,
  eq: (a, b) => a === b,
}

const holds = (value: number | undefined, asked: Comparison): boolean =>
  value !== undefined &&
  comparisons.every((name) => asked[name] === undefined || compares[name](value, asked[name]!))

/** Whether the rule holds at an instant, by looking at all that ever happened. */
const isMemberAt = (rule: Rule, history: Happening[], now: number): boolean => {
  if ('all' in rule) return rule.all.every((child) => isMemberAt(child, history, now))
  if ('any' in rule) return rule.any.some((child) => isMemberAt(child, history, now))
  if ('not' in rule) return !isMemberAt(rule.not, history, now)
  const past = history.filter(({ ms }) => ms <= now)
  const attributes: JsonObject = Object.assign({}, ...past.map(({ attributes }) => attributes))
  if ('attribute' in rule) {
    const { $gte } = rule.attribute.level as { $gte: number }
    return attributes.level !== undefined && Number(attributes.level) >= $gte
  }
  if ('date' in rule) {
    const end = attributes.trial_end
    if (end === undefined) return false
    const [side, hours] = rule.date.within!.split(' ')
    const away = side === 'last' ? now - Number(end) : Number(end) - now
    return side === 'last' ? away >= 0 && away < within(hours) : away > 0 && away <= within(hours)
  }
  if (!('event' in rule)) throw new Error('No such rule here.')
  const { event } = rule
  const { $gte = 0 } = (event.where?.total ?? {}) as { $gte?: number }
  const totals = past
    .filter(({ ms }) => now - within(event.within) < ms)
    .flatMap(({ events }) => events)
    .filter(({ name, total }) => name === event.name && total >= $gte)
    .map(({ total }) => total)
  if (event.sum)
    return holds(
      totals.reduce((a, b) => a + b, 0),
      event.sum
    )
  if (event.min) return holds(totals.length > 0 ? Math.min(...totals) : undefined, event.min)
  if (event.max) return holds(totals.length > 0 ? Math.max(...totals) : undefined, event.max)
  return holds(totals.length, event.count ?? { gte: 1 })
}

const windowsOf = (rule: Rule): number[] => {
  if ('all' in rule) return rule.all.flatMap(windowsOf)
  if ('any' in rule) return rule.any.flatMap(windowsOf)
  if ('not' in rule) return windowsOf(rule.not)
  if ('event' in rule) return rule.event.within ? [within(rule.event.within)] : []
  return 'date' in rule ? [within(rule.date.within?.split(' ')[1])] : []
}

/** All changes from the first happening on: evaluates each instant at which one may occur. */
const expectedChanges = ({ rule, history, endMs }: Case): [number, string][] => {
  const windows = windowsOf(rule)
  const dates = history.flatMap(({ attributes }) => attributes.trial_end ?? []).map(Number)
  const near = [...history.map(({ ms }) => ms), ...dates]
  const instants = near.flatMap((ms) => [ms, ...windows.flatMap((w) => [ms + w, ms - w])])
  const first = history[0]!.ms
  const changes: [number, string][] = []
  let isInside = false
  for (const ms of [...new Set(instants)].sort((a, b) => a - b)) {
    if (ms < first || ms > endMs) continue
    const value = isMemberAt(rule, history, ms)
    if (value !== isInside) changes.push([ms, value ? 'enter' : 'exit'])
    isInside = value
  }
  return changes
}

const eventOf = ({ name, total }: Happening['events'][number], ms: number): BatchEvent => ({
  event_type: 'custom_event',
  data: { event_name: name, timestamp_unixtime_ms: ms, custom_attributes: { total } },
})

/** The changes that the worker finds: it is woken only at `due_ms`, or later by `late()`. */
const raisedChanges = ({ rule, history, endMs }: Case, late: () => number): [number, string][] => {
  const set = compileAudiences([{ id: 'a', rule }])
  const steps: Step[] = []
  let attributes: JsonObject = {}
  const field: Field = (name) => attributes[name]
  let state = newAudienceState(set)
  const wakeUpto = (ms: number): void => {
    while (state.due_ms !== undefined) {
      const now = state.due_ms + late()
      if (now >= ms) return
      const advanced = advance(set, state, { field, now })
      state = advanced.state
      steps.push(...advanced.steps)
    }
  }
  for (const { ms, attributes: changed, events } of history) {
    wakeUpto(ms)
    const advanced = advance(set, state, { field, now: ms - 1 })
    attributes = { ...attributes, ...changed }
    const batch = { batch: {}, events: events.map((event) => eventOf(event, ms)), problems: [] }
    const observations = observeBatch(batch, set, ms) ?? { marks: {}, facts: {} }
    const applied = applyObservations(set, advanced.state, {
      observations,
      field: () => field,
      now: ms,
    })
    state = JSON.parse(JSON.stringify(applied.state))
    steps.push(...advanced.steps, ...applied.steps)
  }
  wakeUpto(endMs)
  steps.push(...advance(set, state, { field, now: endMs }).steps)
  return steps.flatMap(({ at_ms, changes }) =>
    changes.map(({ event }: MembershipChange): [number, string] => [at_ms, event])
  )
}

it('raises exactly the changes that brute force finds, for 20,000 rules and histories', {
  timeout: 120_000,
}, () => {
  let found = 0
  for (let seed = 1; seed <= 20_000; seed++) {
    const testCase = makeCase(seed)
    const expected = expectedChanges(testCase)
    found += expected.length
    const random = seededRandom(seed)
    expect(
      raisedChanges(testCase, () => 0),
      `seed ${seed}`
    ).toEqual(expected)
    const late = raisedChanges(testCase, () => Math.floor(random() * 3 * hour))
    expect(late, `seed ${seed}, woken late`).toEqual(expected)
  }
  expect(found).toBeGreaterThan(10_000)
})

it('stores no more than the rules need', () => {
  const rule: Rule = { event: { name: 'view', within: '30d', count: { gte: 3 } } }
  const set = compileAudiences([{ id: 'a', rule }])
  let state = emptyAudienceState()
  for (let i = 0; i < 100; i++) {
    const now = start + i * hour
    const batch = { batch: {}, events: [eventOf({ name: 'view', total: 1 }, now)], problems: [] }
    const observations = observeBatch(batch, set, now)!
    const field = () => () => undefined
    state = applyObservations(set, state, { observations, field, now }).state
  }
  expect(Object.values(state.marks).map(({ t }) => t?.length)).toEqual([4])
})
