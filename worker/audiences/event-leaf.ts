import { fnv1a64Hex } from '../base/hash'
import { readDuration } from './duration'
import { type EventView, numbersOf } from './event-view'
import { add, type Mark, type MarkNeed, type Marks, mostMarks } from './marks'
import { compileQuery } from './query'
import { type Aggregate, aggregates, type Comparison, comparisons, type EventRule } from './rule'

/** A compiled condition on events. */
export interface EventLeaf {
  /** Equal for conditions that share their marks. */
  key: string
  /** The name that events must have, if any. */
  name: string | undefined
  /** The type that events must have, if any. */
  type: string | undefined
  need: MarkNeed
  windowMs: number | undefined
  /** The marks of an event; none when the condition does not match it. */
  marks: (event: EventView) => Mark[]
  holds: (value: number | undefined) => boolean
}

const bounds: Record<(typeof comparisons)[number], (value: number, bound: number) => boolean> = {
  gte: (value, bound) => value >= bound,
  gt: (value, bound) => value > bound,
  lte: (value, bound) => value <= bound,
  lt: (value, bound) => value < bound,
  eq: (value, bound) => value === bound,
}

const boundsOf = (comparison: Comparison) =>
  comparisons.flatMap((name) => {
    const bound = comparison[name]
    return bound === undefined ? [] : [{ name, bound }]
  })

// One more mark than the bound decides every comparison.
const newestFor = (comparison: Comparison): number =>
  Math.max(1, ...boundsOf(comparison).map(({ bound }) => Math.floor(bound) + 1))

const aggregateOf = (
  rule: EventRule
): { of: 'count' | Aggregate; comparison: Comparison; property?: string } => {
  for (const of of aggregates) {
    const aggregate = rule[of]
    if (aggregate) return { of, comparison: aggregate, property: aggregate.property }
  }
  return { of: 'count', comparison: rule.count ?? { gte: 1 } }
}

export const compileEvent = (rule: EventRule): EventLeaf => {
  const { of, comparison, property } = aggregateOf(rule)
  const windowMs = readDuration(rule.within)
  const { name, type, where = {} } = rule
  const matches = compileQuery(where)
  const isMatch = (event: EventView): boolean =>
    (name === undefined || event.name === name) &&
    (type === undefined || event.type === type) &&
    matches(event.field)
  const tests = boundsOf(comparison)
  // Counts with different windows share the marks of the longest window. Marks with values may be
  // merged into buckets whose length depends on the window, so each window has its own.
  const window = of === 'count' ? windowMs !== undefined : windowMs
  const shared = [name ?? null, type ?? null, where, property ?? null, of, window ?? null]
  return {
    key: fnv1a64Hex(JSON.stringify(shared)),
    name,
    type,
    need: {
      of,
      newest: of === 'count' ? newestFor(comparison) : mostMarks,
      ...(windowMs === undefined ? {} : { windowMs }),
    },
    windowMs,
    marks: (event) => {
      if (!isMatch(event)) return []
      if (property === undefined) return [{ ms: event.ms }]
      return numbersOf(event, property).map((value) => ({ ms: event.ms, value }))
    },
    holds: (value) =>
      value !== undefined &&
      tests.every(({ name: comparisonName, bound }) => bounds[comparisonName](value, bound)),
  }
}

/** The marks that two conditions with the same key need together. */
export const sharedNeed = (a: MarkNeed, b: MarkNeed): MarkNeed => ({
  of: a.of,
  newest: Math.max(a.newest, b.newest),
  ...(a.windowMs === undefined || b.windowMs === undefined
    ? {}
    : { windowMs: Math.max(a.windowMs, b.windowMs) }),
})

export interface Evaluated {
  value: boolean
  /** When the value can next change by time alone, ms; Infinity for never. */
  next: number
}

const orEmpty = (leaf: EventLeaf, total: number | undefined): number | undefined =>
  total ?? (leaf.need.of === 'count' || leaf.need.of === 'sum' ? 0 : undefined)

/**
 * Whether a condition on events holds: events at `e` count at `now` when now - window < e <= now.
 */
export const evaluateEvent = (
  leaf: EventLeaf,
  marks: Marks | undefined,
  now: number
): Evaluated => {
  const { windowMs } = leaf
  if (windowMs === undefined) {
    return { value: leaf.holds(orEmpty(leaf, marks?.n)), next: Number.POSITIVE_INFINITY }
  }
  const times = marks?.t ?? []
  const isNow: boolean[] = []
  // Sums from the newest event backwards, so that the rounding of a sum does not depend on how many
  // older events have left the window.
  const last = times.length - 1
  let total: number | undefined
  let first = last + 1
  while (first > 0 && (times[first - 1] ?? 0) > now - windowMs) {
    isNow[first] = leaf.holds(orEmpty(leaf, total))
    first--
    const value = leaf.need.of === 'count' ? 1 : (marks?.v?.[first] ?? 0)
    total = total === undefined ? value : add(leaf.need.of, total, value)
  }
  const value = leaf.holds(orEmpty(leaf, total))
  for (let i = first; i <= last; i++) {
    if (isNow[i + 1] !== value) return { value, next: (times[i] ?? 0) + windowMs }
  }
  return { value, next: Number.POSITIVE_INFINITY }
}
