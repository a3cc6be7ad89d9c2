import type { Aggregate } from './rule'

/**
 * What a profile stores for one event condition.
 *
 * With a window: `t`, the times of matching events, ms, oldest first, and `v`, the values of the
 * property that is aggregated. Without a window: `n`, the count, sum, minimum or maximum so far.
 */
export interface Marks {
  t?: number[]
  v?: number[]
  n?: number
}

/** The time of an event that matches a condition, and the value of the property, if it has one. */
export interface Mark {
  ms: number
  value?: number
}

/** What must be stored for all conditions that have the same key. */
export interface MarkNeed {
  of: 'count' | Aggregate
  /** The longest window; undefined: all time. */
  windowMs?: number
  /** Counts: how many of the newest marks are enough. Values: how many are stored unmerged. */
  newest: number
}

// JSON cannot represent Infinity.
const finite = (value: number): number =>
  Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value))

export const add = (of: MarkNeed['of'], a: number, b: number): number => {
  if (of === 'min') return Math.min(a, b)
  return of === 'max' ? Math.max(a, b) : finite(a + b)
}

/**
 * Beyond it, marks are merged: one per sixtieth of the window, with the time of its newest mark.
 */
export const mostMarks = 1000
const bucketsPerWindow = 60
// All buckets of a window, including the partial ones at both ends, and a few spare ones.
const fewestMarks = 64

/**
 * Limit of the numbers that all conditions of a workspace may store per profile. A mark with a
 * value is two.
 */
export const markBudget = 20_000

const leastOf = ({ of, windowMs, newest }: MarkNeed): number => {
  if (windowMs === undefined) return 1
  return of === 'count' ? newest : 2 * fewestMarks
}

/** The smallest budget with which these conditions work. */
export const leastMarks = (needs: MarkNeed[]): number =>
  needs.reduce((sum, need) => sum + leastOf(need), 0)

/** Limits conditions with values so that all conditions together stay within the budget. */
export const withinBudget = (needs: MarkNeed[]): MarkNeed[] => {
  const hasValues = ({ of, windowMs }: MarkNeed) => of !== 'count' && windowMs !== undefined
  const sharers = needs.filter(hasValues).length
  const rest = markBudget - leastMarks(needs.filter((need) => !hasValues(need)))
  const share = Math.floor(rest / 2 / Math.max(1, sharers))
  const newest = Math.min(mostMarks, Math.max(fewestMarks, share))
  return needs.map((need) => (hasValues(need) ? { ...need, newest } : need))
}

const mergeMarks = (
  times: number[],
  values: number[],
  need: MarkNeed
): Required<Pick<Marks, 't' | 'v'>> => {
  const bucketMs = (need.windowMs ?? 0) / bucketsPerWindow
  const t: number[] = []
  const v: number[] = []
  let bucket = Number.NaN
  for (const [i, time] of times.entries()) {
    const value = values[i] ?? 0
    const timeBucket = Math.floor(time / bucketMs)
    const last = t.length - 1
    if (timeBucket === bucket) {
      t[last] = time
      v[last] = add(need.of, v[last] ?? 0, value)
    } else {
      t.push(time)
      v.push(value)
    }
    bucket = timeBucket
  }
  return { t, v }
}

const withoutWindow = (known: Marks | undefined, added: Mark[], { of }: MarkNeed): Marks => {
  let n = known?.n
  for (const { value = 1 } of added) n = n === undefined ? value : add(of, n, value)
  return n === undefined ? {} : { n }
}

/**
 * Adds marks, and removes those that have left the window.
 *
 * @param now ms
 */
export const updateMarks = (
  known: Marks | undefined,
  added: Mark[],
  { need, now }: { need: MarkNeed; now: number }
): Marks => {
  const { windowMs, of, newest } = need
  if (windowMs === undefined) return withoutWindow(known, added, need)
  const oldest = known?.t?.[0]
  if (known && added.length === 0 && oldest !== undefined && oldest > now - windowMs) return known
  const old = (known?.t ?? []).map((ms, i): Mark => ({ ms, value: known?.v?.[i] ?? 1 }))
  const all = [...old, ...added].filter(({ ms }) => ms > now - windowMs).sort((a, b) => a.ms - b.ms)
  if (of === 'count') return { t: all.slice(-newest).map(({ ms }) => ms) }
  const [t, v] = [all.map(({ ms }) => ms), all.map(({ value = 0 }) => value)]
  return t.length > newest ? mergeMarks(t, v, need) : { t, v }
}
