import { exactText, type Json } from '../base/json'
import { readDuration } from './duration'
import type { Evaluated } from './event-leaf'
import type { DateRule } from './rule'

const isoDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i
// The range of JavaScript's dates.
const farthestMs = 8.64e15

/** A date as ms: ISO 8601 text (in UTC unless it says otherwise) or epoch ms. */
export const readDate = (value: Json | undefined): number | undefined => {
  const plain = exactText(value)
  const isDigits = typeof plain === 'string' && /^-?\d{10,16}$/.test(plain)
  if (typeof plain === 'number' || isDigits) {
    return Math.abs(Number(plain)) <= farthestMs ? Number(plain) : undefined
  }
  if (typeof plain !== 'string' || !isoDate.test(plain)) return undefined
  const ms = Date.parse(plain)
  return Number.isNaN(ms) ? undefined : ms
}

export interface DateWindow {
  side: 'last' | 'next'
  ms: number
}

/** `last 30d` or `next 3d`. */
export const readDateWindow = (within: unknown): DateWindow | undefined => {
  const [, side, duration] =
    typeof within === 'string' ? (/^(last|next) (\w+)$/.exec(within) ?? []) : []
  const ms = readDuration(duration)
  return ms !== undefined && (side === 'last' || side === 'next') ? { side, ms } : undefined
}

const never = Number.POSITIVE_INFINITY

/** Whether a date satisfies the rule. A window includes its first instant, not its last. */
export const evaluateDate = (rule: DateRule, value: Json | undefined, now: number): Evaluated => {
  const date = readDate(value)
  if (date === undefined) return { value: false, next: never }
  const window = readDateWindow(rule.within)
  if (window) {
    const from = window.side === 'last' ? date : date - window.ms
    const to = window.side === 'last' ? date + window.ms : date
    if (now < from) return { value: false, next: from }
    return now < to ? { value: true, next: to } : { value: false, next: never }
  }
  const [before, after] = [readDate(rule.before), readDate(rule.after)]
  const isBetween = (before === undefined || date < before) && (after === undefined || date > after)
  return { value: isBetween, next: never }
}
