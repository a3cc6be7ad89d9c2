import { describe, expect, it } from 'vitest'
import { compileAudiences } from '../../../worker/audiences/compile'
import {
  advance,
  applyObservations,
  emptyAudienceState,
  enterExisting,
  hasEnteredExisting,
  isEvaluatedUnder,
  newAudienceState,
} from '../../../worker/audiences/membership'
import type { Audience } from '../../../worker/audiences/rule'

const now = Date.UTC(2026, 0, 10)
const day = 86_400_000
const nothing = { marks: {}, facts: {} }

const pro = (id: string): Audience => ({ id, rule: { attribute: { plan: 'pro' } } })
const isPro = () => 'pro'

describe('an audience called like a part of every object', () => {
  const names = ['constructor', 'hasownproperty', 'valueof', 'tostring']
  const set = compileAudiences(names.map(pro))

  it('is entered, left and evaluated like any other', () => {
    expect(isEvaluatedUnder(set, emptyAudienceState())).toBe(false)
    const fresh = newAudienceState(set)
    expect(isEvaluatedUnder(set, fresh)).toBe(true)
    const inside = applyObservations(set, fresh, { observations: nothing, field: () => isPro, now })
    expect(inside.steps[0]?.changes.map(({ audience, event }) => `${event} ${audience}`)).toEqual(
      names.map((name) => `enter ${name}`)
    )
    const field = () => () => 'free'
    const left = applyObservations(set, inside.state, {
      observations: nothing,
      field,
      now: now + 1,
    })
    expect(left.steps[0]?.changes[0]).toEqual({
      audience: 'constructor',
      slug: 'constructor',
      event: 'exit',
      enter_ms: now,
      exit_ms: now + 1,
    })
    expect(left.state.inside).toEqual({})
  })

  it('is entered once for a connection of the same name with Existing Users', () => {
    const existingUsers = [{ connection: 'constructor', audiences: ['constructor'] }]
    const state = advance(set, emptyAudienceState(), { field: isPro, now }).state
    expect(hasEnteredExisting(state, existingUsers, [])).toBe(false)
    const entered = enterExisting(set, state, {
      existingUsers,
      paused: [],
      now,
      changed: new Set(),
    })
    expect(entered.steps.flatMap(({ changes }) => changes)).toHaveLength(1)
    expect(hasEnteredExisting(entered.state, existingUsers, [])).toBe(true)
    expect(
      enterExisting(set, entered.state, { existingUsers, paused: [], now, changed: new Set() })
        .steps
    ).toEqual([])
  })
})

describe('a profile under new rules', () => {
  it('becomes a member silently, and only later changes are sent', () => {
    const before = compileAudiences([pro('a')])
    const after = compileAudiences([pro('a'), pro('b')])
    const { state } = applyObservations(before, newAudienceState(before), {
      observations: nothing,
      field: () => isPro,
      now,
    })
    const evaluated = advance(after, state, { field: isPro, now: now + 5 })
    expect(evaluated.steps).toEqual([
      {
        at_ms: now + 5,
        silent: true,
        changes: [{ audience: 'b', slug: 'b', event: 'enter', enter_ms: now + 5 }],
      },
    ])
    expect(evaluated.state.inside).toEqual({ a: now, b: now + 5 })
    const left = advance(before, evaluated.state, { field: isPro, now: now + 6 })
    expect(left.steps).toEqual([])
    expect(left.state.inside).toEqual({ a: now })
  })
})

describe('a profile that was silent', () => {
  it('goes through every instant at which time changed something, once', () => {
    const event = (within: string): Audience => ({
      id: within,
      rule: { event: { name: 'x', within } },
    })
    const set = compileAudiences([
      event('1d'),
      event('2d'),
      { id: 'both', rule: { all: [{ audience: '2d' }, { not: { audience: '1d' } }] } },
    ])
    const [first] = [...set.events.keys()]
    const observations = { marks: { [first!]: [{ ms: now }] }, facts: {} }
    const field = () => undefined
    const { state } = applyObservations(set, newAudienceState(set), {
      observations,
      field: () => field,
      now,
    })
    expect(state.due_ms).toBe(now + day)
    const advanced = advance(set, state, { field, now: now + 30 * day })
    const changes = advanced.steps.map(({ at_ms, changes }) => [
      (at_ms - now) / day,
      ...changes.map((change) => `${change.event} ${change.audience}`),
    ])
    expect(changes).toEqual([
      [1, 'exit 1d', 'enter both'],
      [2, 'exit 2d', 'exit both'],
    ])
    expect(advanced.state.due_ms).toBeUndefined()
    expect(advance(set, advanced.state, { field, now: now + 31 * day }).steps).toEqual([])
  })

  it('keeps the marks that still count, and none that no rule needs', () => {
    const counting = { id: 'a', rule: { event: { name: 'x', within: '2d', count: { gte: 2 } } } }
    const set = compileAudiences([counting])
    const [key] = [...set.events.keys()]
    const state = {
      ...newAudienceState(set),
      marks: { [key!]: { t: [now - 3 * day, now - day] }, gone: { n: 5 } },
    }
    const field = () => () => undefined
    const next = applyObservations(set, state, { observations: nothing, field, now }).state
    expect(next.marks).toEqual({ [key!]: { t: [now - day] } })
    const later = applyObservations(set, next, {
      observations: nothing,
      field,
      now: now + 5 * day,
    }).state
    expect(later.marks).toEqual({})
  })
})
