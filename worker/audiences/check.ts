import { isObject, type JsonObject } from '../base/json'
import { type Problem, problem } from '../base/problem'
import { compileAudiences, inOrder, referencedAudiences } from './compile'
import { readDate, readDateWindow } from './date-leaf'
import { longestWindowMs, readDuration } from './duration'
import { leastMarks, markBudget } from './marks'
import { queryProblems } from './query'
import { type Audience, aggregates, comparisons } from './rule'

const mostLeaves = 50
const deepest = 8
const mostCounted = 1000

const invalid = (path: string, message: string): Problem[] => [
  problem('invalid_rule', path, `${path} ${message}.`),
]

const unknownFields = (fields: object, known: readonly string[], path: string): Problem[] =>
  Object.keys(fields)
    .filter((name) => !known.includes(name))
    .map((name) => problem('unknown_field', `${path}.${name}`, `${path} has no field ${name}.`))

const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== ''

const textProblems = (value: unknown, path: string): Problem[] =>
  value === undefined || isFilled(value) ? [] : invalid(path, 'must be text that is not empty')

const windowProblems = (duration: unknown, path: string): Problem[] => {
  if (duration === undefined) return []
  const ms = readDuration(duration)
  if (ms === undefined) return invalid(path, 'must be a time such as 15m, 36h, 7d or 4w')
  return ms > longestWindowMs
    ? [problem('window_too_long', path, `${path} may be 90d at most.`)]
    : []
}

const comparisonProblems = (
  comparison: unknown,
  path: string,
  otherFields: string[] = []
): Problem[] => {
  if (!isObject(comparison)) return invalid(path, 'must be an object')
  const used = comparisons.filter((name) => comparison[name] !== undefined)
  if (used.length === 0) return invalid(path, `needs one of ${comparisons.join(', ')}`)
  return [
    ...unknownFields(comparison, [...comparisons, ...otherFields], path),
    ...used.flatMap((name) =>
      Number.isFinite(comparison[name]) ? [] : invalid(`${path}.${name}`, 'must be a number')
    ),
  ]
}

const eventFields = ['name', 'type', 'where', 'within', 'count', ...aggregates]

const eventProblems = (event: unknown, path: string): Problem[] => {
  if (!isObject(event)) return invalid(path, 'must be an object')
  const measures = ['count', ...aggregates].filter((name) => event[name] !== undefined)
  return [
    ...unknownFields(event, eventFields, path),
    ...(event.name === undefined && event.type === undefined
      ? invalid(path, 'needs a name or a type')
      : []),
    ...textProblems(event.name, `${path}.name`),
    ...textProblems(event.type, `${path}.type`),
    ...(event.where === undefined ? [] : queryProblems(event.where, `${path}.where`)),
    ...windowProblems(event.within, `${path}.within`),
    ...(measures.length > 1 ? invalid(path, `can have only one of ${measures.join(', ')}`) : []),
    ...(event.count === undefined ? [] : countProblems(event, `${path}.count`)),
    ...aggregates.flatMap((name) => aggregateProblems(event[name], `${path}.${name}`)),
  ]
}

// The profile stores the time of each event that is counted within a window.
const countProblems = ({ count, within }: JsonObject, path: string): Problem[] => {
  const problems = comparisonProblems(count, path)
  if (problems.length > 0 || within === undefined || !isObject(count)) return problems
  return comparisons.flatMap((name) =>
    Number(count[name] ?? 0) > mostCounted
      ? invalid(`${path}.${name}`, `may be ${mostCounted} at most within a time`)
      : []
  )
}

const aggregateProblems = (aggregate: unknown, path: string): Problem[] => {
  if (aggregate === undefined) return []
  const problems = comparisonProblems(aggregate, path, ['property'])
  return isObject(aggregate) && !isFilled(aggregate.property)
    ? [...problems, ...invalid(`${path}.property`, 'must name the property')]
    : problems
}

const dateProblems = (date: unknown, path: string): Problem[] => {
  if (!isObject(date)) return invalid(path, 'must be an object')
  const problems = unknownFields(date, ['attribute', 'within', 'before', 'after'], path)
  if (!isFilled(date.attribute)) {
    problems.push(...invalid(`${path}.attribute`, 'must name the attribute'))
  }
  const { within, before, after } = date
  if ((within === undefined) === (before === undefined && after === undefined)) {
    problems.push(...invalid(path, 'needs either within, or before and after or one of these'))
  }
  const window = readDateWindow(within)
  if (within !== undefined && !window) {
    problems.push(...invalid(`${path}.within`, 'must be like last 30d or next 3d'))
  }
  if (window && window.ms > longestWindowMs) {
    problems.push(
      problem('window_too_long', `${path}.within`, `${path}.within may be 90d at most.`)
    )
  }
  for (const [name, bound] of Object.entries({ before, after })) {
    if (bound !== undefined && readDate(bound) === undefined) {
      problems.push(...invalid(`${path}.${name}`, 'must be a date such as 2027-01-31'))
    }
  }
  return problems
}

const kinds = ['all', 'any', 'not', 'attribute', 'event', 'date', 'audience'] as const

const nodeProblems = (node: unknown, path: string, depth: number): Problem[] => {
  if (!isObject(node)) return invalid(path, 'must be an object')
  const [name, ...others] = Object.keys(node)
  const kind = kinds.find((candidate) => candidate === name)
  if (!kind || others.length > 0) {
    return invalid(path, `must have exactly one of ${kinds.join(', ')}`)
  }
  if (depth > deepest) return [problem('too_deep', path, `A rule may be ${deepest} levels deep.`)]
  const [inner, innerPath] = [node[kind], `${path}.${kind}`]
  if (kind === 'not') return nodeProblems(inner, innerPath, depth + 1)
  if (kind === 'all' || kind === 'any') {
    if (!Array.isArray(inner)) return invalid(innerPath, 'must be a list of rules')
    return inner.flatMap((child, i) => nodeProblems(child, `${innerPath}.${i}`, depth + 1))
  }
  if (kind === 'attribute') return queryProblems(inner, innerPath)
  if (kind === 'event') return eventProblems(inner, innerPath)
  if (kind === 'date') return dateProblems(inner, innerPath)
  return textProblems(inner ?? '', innerPath)
}

const leavesOf = (rule: unknown): number => {
  if (!isObject(rule)) return 0
  const group = rule.all ?? rule.any
  if (Array.isArray(group)) return group.reduce((sum: number, child) => sum + leavesOf(child), 0)
  return rule.not === undefined ? 1 : leavesOf(rule.not)
}

/** Checks one rule. References to other audiences are checked by `audienceProblems`. */
export const ruleProblems = (rule: unknown, path: string): Problem[] => {
  const problems = nodeProblems(rule, path, 1)
  if (problems.length > 0) return problems
  const leaves = leavesOf(rule)
  if (leaves <= mostLeaves) return []
  const message = `${path} has ${leaves} conditions; the most is ${mostLeaves}.`
  return [problem('too_many_leaves', path, message)]
}

/** Removes audiences that refer to the circle but are not part of it. */
const circleOnly = (audiences: Audience[], circle: string[]): string[] => {
  const members = audiences.filter(({ id }) => circle.includes(id))
  const referenced = new Set(members.flatMap(({ rule }) => referencedAudiences(rule)))
  const rest = circle.filter((id) => referenced.has(id))
  return rest.length < circle.length ? circleOnly(audiences, rest) : rest
}

const budgetProblems = (audiences: Audience[]): Problem[] => {
  const needs = [...compileAudiences(audiences).events.values()].map(({ need }) => need)
  const marks = leastMarks(needs)
  if (marks <= markBudget) return []
  const message = `The rules need the times of up to ${marks} events in each profile; the most is ${markBudget}.`
  return [problem('too_many_marks', 'audiences', message)]
}

/**
 * Checks all audiences together: references exist, are not circular, and the rules fit the budget.
 */
export const audienceProblems = (audiences: Audience[]): Problem[] => {
  const ids = new Set(audiences.map(({ id }) => id))
  const missing = audiences.flatMap(({ rule }, i) =>
    referencedAudiences(rule)
      .filter((id) => !ids.has(id))
      .map((id) => problem('not_found', `audiences.${i}.rule`, `There is no audience ${id}.`))
  )
  const { circle } = inOrder(audiences)
  if (circle.length === 0) return [...missing, ...budgetProblems(audiences)]
  const ring = circleOnly(audiences, circle)
  const message = `These audiences refer to each other in a circle: ${ring.join(', ')}.`
  return [...missing, problem('cycle', 'audiences', message)]
}
