import { describe, expect, it } from 'vitest'
import { compileEvent, evaluateEvent, sharedNeed } from '../../../worker/audiences/event-leaf'
import { type Mark, type MarkNeed, type Marks, updateMarks } from '../../../worker/audiences/marks'
import type { EventRule } from '../../../worker/audiences/rule'
import { seededRandom } from '../../support/random-json'

const hour = 3_600_000
const now = Date.UTC(2026, 0, 10)
const windowMs = 60 * hour

const count: MarkNeed = { of: 'count', newest: 3, windowMs }
const sum: MarkNeed = { of: 'sum', newest: 1000, windowMs }

const update = (need: MarkNeed, fresh: Mark[], known?: Marks): Marks =>
  updateMarks(known, fresh, { need, now })

describe('marks of counted events', () => {
  it('are the newest that are enough, in the order of their times', () => {
    const fresh = [5, 1, 3, 2, 4].map((ago) => ({ ms: now - ago * hour }))
    expect(update(count, fresh)).toEqual({ t: [now - 3 * hour, now - 2 * hour, now - hour] })
  })

  it('leave exactly with their window', () => {
    const fresh = [{ ms: now - windowMs }, { ms: now - windowMs + 1 }, { ms: now }]
    expect(update(count, fresh)).toEqual({ t: [now - windowMs + 1, now] })
    expect(update(count, [], { t: [now - windowMs, now - windowMs + 1] })).toEqual({
      t: [now - windowMs + 1],
    })
    expect(update(count, [], { t: [now - windowMs] })).toEqual({ t: [] })
  })

  it('stay sorted when one arrives late', () => {
    expect(update(count, [{ ms: now - 2 }], { t: [now - 3, now - 1] })).toEqual({
      t: [now - 3, now - 2, now - 1],
    })
    const isOld = [{ ms: now - 9 }]
    expect(update(count, isOld, { t: [now - 3, now - 2, now - 1] })).toEqual({
      t: [now - 3, now - 2, now - 1],
    })
  })

  it('serve the longest window and the greatest bound of those that share them', () => {
    const other: MarkNeed = { of: 'count', newest: 9, windowMs: hour }
    expect(sharedNeed(count, other)).toEqual({ of: 'count', newest: 9, windowMs })
  })
})

describe('marks without a window', () => {
  const total = (of: MarkNeed['of'], values: (number | undefined)[], known?: Marks) =>
    updateMarks(
      known,
      values.map((value) => ({ ms: 0, ...(value === undefined ? {} : { value }) })),
      { need: { of, newest: 1 }, now }
    )

  it.each<[MarkNeed['of'], (number | undefined)[], Marks | undefined, Marks]>([
    ['count', [undefined, undefined], undefined, { n: 2 }],
    ['count', [undefined], { n: 41 }, { n: 42 }],
    ['sum', [5, -2.5], { n: 1 }, { n: 3.5 }],
    ['sum', [0], undefined, { n: 0 }],
    ['min', [5, -2], { n: 1 }, { n: -2 }],
    ['max', [5, -2], undefined, { n: 5 }],
    ['max', [], { n: 5 }, { n: 5 }],
    ['max', [], undefined, {}],
  ])('of a %s are one number: %j on %j', (of, values, known, expected) => {
    expect(total(of, values, known)).toEqual(expected)
  })

  it('never grow out of what JSON can say', () => {
    const most = Number.MAX_VALUE
    expect(total('sum', [most, most])).toEqual({ n: most })
    expect(total('sum', [-most, -most, most])).toEqual({ n: 0 })
  })
})

describe('marks with values', () => {
  const many = (length: number, everyMs: number): Mark[] =>
    Array.from({ length }, (_, i) => ({ ms: now - (length - 1 - i) * everyMs, value: i + 1 }))

  const total = ({ v = [] }: Marks) => v.reduce((a, b) => a + b, 0)

  it('are not merged up to a thousand', () => {
    const marks = update(sum, many(1000, 60_000))
    expect(marks.t).toHaveLength(1000)
    expect(marks.v).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
  })

  it.each<[MarkNeed['of'], (marks: Marks) => number, number]>([
    ['sum', total, 501_501],
    ['min', ({ v = [] }) => Math.min(...v), 1],
    ['max', ({ v = [] }) => Math.max(...v), 1001],
  ])('become sixtieths of the window beyond, with the same %s', (of, measure, expected) => {
    const marks = update({ ...sum, of }, many(1001, 3 * 60_000))
    expect(marks.t!.length).toBeLessThanOrEqual(61)
    expect(marks.v).toHaveLength(marks.t!.length)
    expect(measure(marks)).toBe(expected)
  })

  it('stay as few however many come', () => {
    let marks: Marks = {}
    const need = { ...sum, newest: 64 }
    for (let i = 0; i < 5000; i++) {
      const at = now + i * 5 * 60_000
      marks = updateMarks(marks, [{ ms: at, value: 1 }], { need, now: at })
      expect(marks.t!.length).toBeLessThanOrEqual(64)
    }
    // 60 hours hold 720 of them, and a mark may be late by a sixtieth of that.
    expect(total(marks)).toBeGreaterThanOrEqual(720)
    expect(total(marks)).toBeLessThanOrEqual(720 + 12)
  })

  const rule: EventRule = { name: 'x', within: '60h', sum: { property: 'total', gte: 700 } }

  it('that were put together delay an exit, by a sixtieth of the window at most', () => {
    const leaf = compileEvent(rule)
    const random = seededRandom(3)
    for (let round = 0; round < 20; round++) {
      const events = Array.from({ length: 1500 }, () => ({
        ms: Math.floor(now - random() * windowMs),
        value: Math.ceil(random() * 2),
      })).sort((a, b) => a.ms - b.ms)
      const isInsideAt = (ms: number) =>
        events
          .filter((event) => event.ms > ms - windowMs)
          .reduce((a, event) => a + event.value, 0) >= 700
      const exitMs = events.map(({ ms }) => ms + windowMs).find((ms) => !isInsideAt(ms))!
      const { value, next } = evaluateEvent(leaf, update(leaf.need, events), now)
      expect(value).toBe(true)
      expect(next).toBeGreaterThanOrEqual(exitMs)
      expect(next).toBeLessThanOrEqual(exitMs + windowMs / 60)
    }
  })

  it('are not shared by windows of different lengths, whose merged marks differ', () => {
    const keyOf = (within: string, gte: number): string =>
      compileEvent({ ...rule, within, sum: { property: 'total', gte } }).key
    expect(keyOf('1h', 5)).not.toBe(keyOf('90d', 5))
    expect(keyOf('1h', 5)).toBe(keyOf('60m', 7))
  })
})
