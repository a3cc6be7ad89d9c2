import type { Aggregate } from './rule'

/**
 * What a profile keeps of the events that one event condition asks for.
 *
 * Windowed: `t` their times, ms, oldest first, and `v` the property that is summed or compared.
 * Without a window: `n`, their number, sum, least or greatest value so far.
 */
export interface Marks {
  t?: number[]
  v?: number[]
  n?: number
}

/** An event that a condition asks for, as it came in. */
export interface Mark {
  ms: number
  value?: number
}

/** What must be kept for a condition, whatever the rules that share it compare with. */
export interface MarkNeed {
  of: 'count' | Aggregate
  /** The longest window; undefined: all time. */
  windowMs?: number
  /** How many of the newest are enough; with values: how many there may be as they came in. */
  newest: number
}

// A sum must not grow out of the numbers, since JSON has no word for what lies beyond.
const finite = (value: number): number =>
  Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value))

export const add = (of: MarkNeed['of'], a: number, b: number): number => {
  if (of === 'min') return Math.min(a, b)
  return of === 'max' ? Math.max(a, b) : finite(a + b)
}

/** Beyond it, marks of a sixtieth of the window are kept as one, at the time of the newest of them. */
export const mostMarks = 1000
const bucketsPerWindow = 60
// The buckets, of which the window begins and ends in one, and a few to come.
const fewestMarks = 64

/** What all conditions of a workspace may make a profile keep. One with a value counts twice. */
export const markBudget = 20_000

const leastOf = ({ of, windowMs, newest }: MarkNeed): number => {
  if (windowMs === undefined) return 1
  return of === 'count' ? newest : 2 * fewestMarks
}

/** The least of the budget that these conditions need. */
export const leastMarks = (needs: MarkNeed[]): number =>
  needs.reduce((sum, need) => sum + leastOf(need), 0)

/** The needs so that they keep within the budget together: what counts leave is for values. */
export const withinBudget = (needs: MarkNeed[]): MarkNeed[] => {
  const hasValues = ({ of, windowMs }: MarkNeed) => of !== 'count' && windowMs !== undefined
  const sharing = needs.filter(hasValues).length
  const rest = markBudget - leastMarks(needs.filter((need) => !hasValues(need)))
  const share = Math.floor(rest / 2 / Math.max(1, sharing))
  const newest = Math.min(mostMarks, Math.max(fewestMarks, share))
  return needs.map((need) => (hasValues(need) ? { ...need, newest } : need))
}

const thinned = (
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
    const own = Math.floor(time / bucketMs)
    const last = t.length - 1
    if (own === bucket) {
      t[last] = time
      v[last] = add(need.of, v[last] ?? 0, value)
    } else {
      t.push(time)
      v.push(value)
    }
    bucket = own
  }
  return { t, v }
}

const withoutWindow = (known: Marks | undefined, fresh: Mark[], { of }: MarkNeed): Marks => {
  let n = known?.n
  for (const { value = 1 } of fresh) n = n === undefined ? value : add(of, n, value)
  return n === undefined ? {} : { n }
}

/**
 * The marks with new ones among them and without those that have left the window.
 *
 * @param now ms
 */
export const keepMarks = (
  known: Marks | undefined,
  fresh: Mark[],
  { need, now }: { need: MarkNeed; now: number }
): Marks => {
  const { windowMs, of, newest } = need
  if (windowMs === undefined) return withoutWindow(known, fresh, need)
  const oldest = known?.t?.[0]
  if (known && fresh.length === 0 && oldest !== undefined && oldest > now - windowMs) return known
  const old = (known?.t ?? []).map((ms, i): Mark => ({ ms, value: known?.v?.[i] ?? 1 }))
  const all = [...old, ...fresh].filter(({ ms }) => ms > now - windowMs).sort((a, b) => a.ms - b.ms)
  if (of === 'count') return { t: all.slice(-newest).map(({ ms }) => ms) }
  const [t, v] = [all.map(({ ms }) => ms), all.map(({ value = 0 }) => value)]
  return t.length > newest ? thinned(t, v, need) : { t, v }
}
