import { describe, expect, it } from 'vitest'
import { compileAudiences } from '../../../worker/audiences/compile'
import {
  arriveAt,
  emptyAudienceState,
  hasMet,
  hasServed,
  meetAsNew,
  serve,
  walk,
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

  it('is entered, left and met like any other', () => {
    expect(hasMet(set, emptyAudienceState())).toBe(false)
    const fresh = meetAsNew(set)
    expect(hasMet(set, fresh)).toBe(true)
    const inside = arriveAt(set, fresh, { noted: nothing, field: () => isPro, now })
    expect(inside.steps[0]?.changes.map(({ audience, event }) => `${event} ${audience}`)).toEqual(
      names.map((name) => `enter ${name}`)
    )
    const field = () => () => 'free'
    const left = arriveAt(set, inside.state, { noted: nothing, field, now: now + 1 })
    expect(left.steps[0]?.changes[0]).toEqual({
      audience: 'constructor',
      slug: 'constructor',
      event: 'exit',
      enter_ms: now,
      exit_ms: now + 1,
    })
    expect(left.state.inside).toEqual({})
  })

  it('and such a connection are served once', () => {
    const wanting = [{ connection: 'constructor', audiences: ['constructor'] }]
    const state = walk(set, emptyAudienceState(), { field: isPro, now }).state
    expect(hasServed(state, wanting, [])).toBe(false)
    const served = serve(set, state, { wanting, paused: [], now, told: new Set() })
    expect(served.steps.flatMap(({ changes }) => changes)).toHaveLength(1)
    expect(hasServed(served.state, wanting, [])).toBe(true)
    expect(serve(set, served.state, { wanting, paused: [], now, told: new Set() }).steps).toEqual(
      []
    )
  })
})

describe('a profile that meets rules', () => {
  it('is found inside, silently, and told only of what changes from there', () => {
    const before = compileAudiences([pro('a')])
    const after = compileAudiences([pro('a'), pro('b')])
    const { state } = arriveAt(before, meetAsNew(before), {
      noted: nothing,
      field: () => isPro,
      now,
    })
    const met = walk(after, state, { field: isPro, now: now + 5 })
    expect(met.steps).toEqual([
      {
        at_ms: now + 5,
        silent: true,
        changes: [{ audience: 'b', slug: 'b', event: 'enter', enter_ms: now + 5 }],
      },
    ])
    expect(met.state.inside).toEqual({ a: now, b: now + 5 })
    const left = walk(before, met.state, { field: isPro, now: now + 6 })
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
    const noted = { marks: { [first!]: [{ ms: now }] }, facts: {} }
    const field = () => undefined
    const { state } = arriveAt(set, meetAsNew(set), { noted, field: () => field, now })
    expect(state.due_ms).toBe(now + day)
    const walked = walk(set, state, { field, now: now + 30 * day })
    const told = walked.steps.map(({ at_ms, changes }) => [
      (at_ms - now) / day,
      ...changes.map((one) => `${one.event} ${one.audience}`),
    ])
    expect(told).toEqual([
      [1, 'exit 1d', 'enter both'],
      [2, 'exit 2d', 'exit both'],
    ])
    expect(walked.state.due_ms).toBeUndefined()
    expect(walk(set, walked.state, { field, now: now + 31 * day }).steps).toEqual([])
  })

  it('keeps the marks that still count, and none that no rule asks for', () => {
    const counting = { id: 'a', rule: { event: { name: 'x', within: '2d', count: { gte: 2 } } } }
    const set = compileAudiences([counting])
    const [key] = [...set.events.keys()]
    const state = {
      ...meetAsNew(set),
      marks: { [key!]: { t: [now - 3 * day, now - day] }, gone: { n: 5 } },
    }
    const field = () => () => undefined
    const next = arriveAt(set, state, { noted: nothing, field, now }).state
    expect(next.marks).toEqual({ [key!]: { t: [now - day] } })
    const later = arriveAt(set, next, { noted: nothing, field, now: now + 5 * day }).state
    expect(later.marks).toEqual({})
  })
})
