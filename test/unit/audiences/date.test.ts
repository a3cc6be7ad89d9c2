import { describe, expect, it } from 'vitest'
import { compileAudiences } from '../../../worker/audiences/compile'
import { evaluateDate, readDate } from '../../../worker/audiences/date-leaf'
import { longestWindowMs, readDuration } from '../../../worker/audiences/duration'
import { advance, newAudienceState } from '../../../worker/audiences/membership'
import type { DateRule } from '../../../worker/audiences/rule'
import { type Json, type JsonObject, parseJson } from '../../../worker/base/json'

const day = 86_400_000
const date = Date.UTC(2026, 5, 15, 12)
const never = Number.POSITIVE_INFINITY

describe('a date', () => {
  it.each<[Json | undefined, number | undefined]>([
    [date, date],
    [0, 0],
    [-5, -5],
    [String(date), date],
    ['-2208988800000', -2_208_988_800_000],
    ['2026-06-15', Date.UTC(2026, 5, 15)],
    ['2026-06-15T12:00', date],
    ['2026-06-15 12:00:00', date],
    ['2026-06-15T12:00:00Z', date],
    ['2026-06-15T12:00:00.000Z', date],
    ['2026-06-15T12:00:00.000999999Z', date],
    ['2026-06-15T14:00:00+02:00', date],
    ['2026-06-15T14:00:00+0200', date],
    ['123456789', undefined],
    ['2026', undefined],
    ['2026-6-15', undefined],
    ['2026-13-01', undefined],
    ['2026-06-15T25:00Z', undefined],
    ['2026-06-15 (soon)', undefined],
    ['2026-06-15garbage', undefined],
    ['June 15, 2026', undefined],
    ['15.06.2026', undefined],
    ['tomorrow', undefined],
    ['', undefined],
    [' ', undefined],
    ['9999999999999999', undefined],
    [1e300, undefined],
    [true, undefined],
    [null, undefined],
    [undefined, undefined],
    [[date], undefined],
    [{}, undefined],
  ])('%j is %j', (value, expected) => {
    expect(readDate(value)).toBe(expected)
  })

  it('that is an exact number is read by its digits', () => {
    const { near, far } = parseJson(
      '{"near":1781524800000.00000,"far":1781524800000000000}'
    ) as JsonObject
    expect(readDate(near)).toBeUndefined()
    expect(readDate(far)).toBeUndefined()
  })
})

describe('a rule about a date', () => {
  const at = (rule: Omit<DateRule, 'attribute'>, now: number, value: Json | undefined = date) => {
    const { value: isInside, next } = evaluateDate({ attribute: 'end', ...rule }, value, now)
    return [isInside, next]
  }

  it.each<[within: string, now: number, isInside: boolean, next: number]>([
    ['last 30d', date - 1, false, date],
    ['last 30d', date, true, date + 30 * day],
    ['last 30d', date + 30 * day - 1, true, date + 30 * day],
    ['last 30d', date + 30 * day, false, never],
    ['next 3d', date - 3 * day - 1, false, date - 3 * day],
    ['next 3d', date - 3 * day, true, date],
    ['next 3d', date - 1, true, date],
    ['next 3d', date, false, never],
    ['next 15m', date - 900_000, true, date],
  ])('within %s at %i is %s, and changes at %d', (within, now, isInside, next) => {
    expect(at({ within }, now)).toEqual([isInside, next])
  })

  it.each<[rule: Omit<DateRule, 'attribute'>, isInside: boolean]>([
    [{ after: '2026-06-15T11:59:59.999Z' }, true],
    [{ after: '2026-06-15T12:00:00Z' }, false],
    [{ before: '2026-06-15T12:00:00Z' }, false],
    [{ before: '2026-06-15T12:00:00.001Z' }, true],
    [{ after: '2026-06-15', before: '2026-06-16' }, true],
    [{ after: '2026-06-16', before: '2026-06-15' }, false],
    [{ before: '9999-12-31' }, true],
  ])('%j does not change with time', (rule, isInside) => {
    expect(at(rule, 0)).toEqual([isInside, never])
  })

  it.each([undefined, null, 'soon', 1e300, [date]])('never holds for %j', (value) => {
    for (const rule of [{ within: 'last 30d' }, { before: '2099-01-01' }]) {
      const [isInside, next] = evaluate(rule, value)
      expect([isInside, next]).toEqual([false, never])
    }
  })

  const evaluate = (rule: Omit<DateRule, 'attribute'>, value: Json | undefined) => {
    const evaluated = evaluateDate({ attribute: 'end', ...rule }, value, date)
    return [evaluated.value, evaluated.next]
  }

  it('sets no alarm for a date beyond the range of alarms', () => {
    const rule = { date: { attribute: 'end', within: 'next 3d' } }
    const set = compileAudiences([{ id: 'ending', rule }])
    const dueFor = (end: Json) => {
      const field = () => end
      const state = { ...newAudienceState(set), known: {} }
      return advance(set, state, { field, now: date }).state.due_ms
    }
    expect(dueFor('2199-06-15')).toBe(Date.UTC(2199, 5, 12))
    expect(dueFor('2262-06-15')).toBeUndefined()
    expect(dueFor(8.64e15)).toBeUndefined()
  })
})

describe('a time', () => {
  it.each<[unknown, number | undefined]>([
    ['15m', 900_000],
    ['36h', 36 * 3_600_000],
    ['7d', 7 * day],
    ['4w', 28 * day],
    ['90d', longestWindowMs],
    ['0m', undefined],
    ['1y', undefined],
    ['1 d', undefined],
    ['d', undefined],
    ['1d1h', undefined],
    ['1toString', undefined],
    ['1234567890m', undefined],
    [7, undefined],
    [undefined, undefined],
  ])('%j has %j ms', (text, ms) => {
    expect(readDuration(text)).toBe(ms)
  })
})
