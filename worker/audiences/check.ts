import { isObject, type JsonObject } from '../base/json'
import { type Problem, problem } from '../base/problem'
import { askedAudiences, compileAudiences, inOrder } from './compile'
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

const strange = (given: object, known: readonly string[], path: string): Problem[] =>
  Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => problem('unknown_field', `${path}.${name}`, `${path} has no field ${name}.`))

const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== ''

const textProblems = (given: unknown, path: string): Problem[] =>
  given === undefined || isFilled(given) ? [] : invalid(path, 'must be text that is not empty')

const windowProblems = (given: unknown, path: string): Problem[] => {
  if (given === undefined) return []
  const ms = readDuration(given)
  if (ms === undefined) return invalid(path, 'must be a time such as 15m, 36h, 7d or 4w')
  return ms > longestWindowMs
    ? [problem('window_too_long', path, `${path} may be 90d at most.`)]
    : []
}

const comparisonProblems = (given: unknown, path: string, others: string[] = []): Problem[] => {
  if (!isObject(given)) return invalid(path, 'must be an object')
  const asked = comparisons.filter((name) => given[name] !== undefined)
  if (asked.length === 0) return invalid(path, `needs one of ${comparisons.join(', ')}`)
  return [
    ...strange(given, [...comparisons, ...others], path),
    ...asked.flatMap((name) =>
      Number.isFinite(given[name]) ? [] : invalid(`${path}.${name}`, 'must be a number')
    ),
  ]
}

const eventFields = ['name', 'type', 'where', 'within', 'count', ...aggregates]

const eventProblems = (given: unknown, path: string): Problem[] => {
  if (!isObject(given)) return invalid(path, 'must be an object')
  const measures = ['count', ...aggregates].filter((name) => given[name] !== undefined)
  return [
    ...strange(given, eventFields, path),
    ...(given.name === undefined && given.type === undefined
      ? invalid(path, 'needs a name or a type')
      : []),
    ...textProblems(given.name, `${path}.name`),
    ...textProblems(given.type, `${path}.type`),
    ...(given.where === undefined ? [] : queryProblems(given.where, `${path}.where`)),
    ...windowProblems(given.within, `${path}.within`),
    ...(measures.length > 1 ? invalid(path, `can have only one of ${measures.join(', ')}`) : []),
    ...(given.count === undefined ? [] : countProblems(given, `${path}.count`)),
    ...aggregates.flatMap((name) => aggregateProblems(given[name], `${path}.${name}`)),
  ]
}

// Each event that is counted within a window is kept by the profile.
const countProblems = ({ count, within }: JsonObject, path: string): Problem[] => {
  const problems = comparisonProblems(count, path)
  if (problems.length > 0 || within === undefined || !isObject(count)) return problems
  return comparisons.flatMap((name) =>
    Number(count[name] ?? 0) > mostCounted
      ? invalid(`${path}.${name}`, `may be ${mostCounted} at most within a time`)
      : []
  )
}

const aggregateProblems = (given: unknown, path: string): Problem[] => {
  if (given === undefined) return []
  const problems = comparisonProblems(given, path, ['property'])
  return isObject(given) && !isFilled(given.property)
    ? [...problems, ...invalid(`${path}.property`, 'must name the property')]
    : problems
}

const dateProblems = (given: unknown, path: string): Problem[] => {
  if (!isObject(given)) return invalid(path, 'must be an object')
  const problems = strange(given, ['attribute', 'within', 'before', 'after'], path)
  if (!isFilled(given.attribute)) {
    problems.push(...invalid(`${path}.attribute`, 'must name the attribute'))
  }
  const { within, before, after } = given
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
  for (const [name, date] of Object.entries({ before, after })) {
    if (date !== undefined && readDate(date) === undefined) {
      problems.push(...invalid(`${path}.${name}`, 'must be a date such as 2027-01-31'))
    }
  }
  return problems
}

const kinds = ['all', 'any', 'not', 'attribute', 'event', 'date', 'audience'] as const

const nodeProblems = (given: unknown, path: string, depth: number): Problem[] => {
  if (!isObject(given)) return invalid(path, 'must be an object')
  const [kind, ...more] = Object.keys(given)
  const known = kinds.find((one) => one === kind)
  if (!known || more.length > 0) {
    return invalid(path, `must have exactly one of ${kinds.join(', ')}`)
  }
  if (depth > deepest) return [problem('too_deep', path, `A rule may be ${deepest} levels deep.`)]
  const [inner, place] = [given[known], `${path}.${known}`]
  if (known === 'not') return nodeProblems(inner, place, depth + 1)
  if (known === 'all' || known === 'any') {
    if (!Array.isArray(inner)) return invalid(place, 'must be a list of rules')
    return inner.flatMap((one, i) => nodeProblems(one, `${place}.${i}`, depth + 1))
  }
  if (known === 'attribute') return queryProblems(inner, place)
  if (known === 'event') return eventProblems(inner, place)
  if (known === 'date') return dateProblems(inner, place)
  return textProblems(inner ?? '', place)
}

const leavesOf = (rule: unknown): number => {
  if (!isObject(rule)) return 0
  const group = rule.all ?? rule.any
  if (Array.isArray(group)) return group.reduce((sum: number, one) => sum + leavesOf(one), 0)
  return rule.not === undefined ? 1 : leavesOf(rule.not)
}

/** What is wrong with a rule, at its path. Which other audiences there are is looked at elsewhere. */
export const ruleProblems = (given: unknown, path: string): Problem[] => {
  const problems = nodeProblems(given, path, 1)
  if (problems.length > 0) return problems
  const leaves = leavesOf(given)
  if (leaves <= mostLeaves) return []
  const message = `${path} has ${leaves} conditions; ${mostLeaves} is the most.`
  return [problem('too_many_leaves', path, message)]
}

/** Without those that only ask for some of the circle. */
const circleOnly = (audiences: Audience[], circle: string[]): string[] => {
  const waiting = audiences.filter(({ id }) => circle.includes(id))
  const asked = new Set(waiting.flatMap(({ rule }) => askedAudiences(rule)))
  const left = circle.filter((id) => asked.has(id))
  return left.length < circle.length ? circleOnly(audiences, left) : left
}

const budgetProblems = (audiences: Audience[]): Problem[] => {
  const needs = [...compileAudiences(audiences).events.values()].map(({ need }) => need)
  const marks = leastMarks(needs)
  if (marks <= markBudget) return []
  const message = `The rules make a profile keep the times of up to ${marks} events; ${markBudget} is the most.`
  return [problem('too_many_marks', 'audiences', message)]
}

/** Rules across audiences: each that is asked for is there, none asks for itself, and they fit. */
export const audienceProblems = (audiences: Audience[]): Problem[] => {
  const ids = new Set(audiences.map(({ id }) => id))
  const missing = audiences.flatMap(({ rule }, i) =>
    askedAudiences(rule)
      .filter((id) => !ids.has(id))
      .map((id) => problem('not_found', `audiences.${i}.rule`, `There is no audience ${id}.`))
  )
  const { circle } = inOrder(audiences)
  if (circle.length === 0) return [...missing, ...budgetProblems(audiences)]
  const ring = circleOnly(audiences, circle)
  const message = `These audiences ask for each other: ${ring.join(', ')}.`
  return [...missing, problem('cycle', 'audiences', message)]
}
