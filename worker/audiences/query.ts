import { allInterpreters, allParsingInstructions, createFactory } from '@ucast/mongo2js'
import { exactText, isObject, type Json, type JsonObject } from '../base/json'
import { type Problem, problem } from '../base/problem'
import { compilePattern, patternProblem } from './pattern'
import type { Query } from './rule'

// The supported operators, each with a check of its operand. ucast evaluates them.
const operators: Record<string, (operand: Json | undefined) => string | undefined> = {
  $eq: scalar,
  $ne: scalar,
  $gt: ordered,
  $gte: ordered,
  $lt: ordered,
  $lte: ordered,
  $in: scalars,
  $nin: scalars,
  $all: scalars,
  $exists: (operand) => (typeof operand === 'boolean' ? undefined : 'must be true or false'),
  $size: (operand) =>
    Number.isInteger(operand) && Number(operand) >= 0 ? undefined : 'must be a whole number',
  $regex: pattern,
  $options: (operand) => (operand === 'i' ? undefined : 'may only be i'),
}
const groups = new Set(['$and', '$or', '$nor'])
const patternChars = 100
const mostValues = 1000
const deepest = 8

function scalar(operand: Json | undefined): string | undefined {
  return typeof operand === 'object' && operand !== null ? 'must be a single value' : undefined
}

function ordered(operand: Json | undefined): string | undefined {
  return typeof operand === 'number' || typeof operand === 'string'
    ? undefined
    : 'must be a number or text'
}

function scalars(operand: Json | undefined): string | undefined {
  const isList = Array.isArray(operand) && !operand.some(scalar) && operand.length <= mostValues
  return isList ? undefined : `must be a list of at most ${mostValues} values`
}

function pattern(operand: Json | undefined): string | undefined {
  if (typeof operand !== 'string') return 'must be text'
  if (operand.length > patternChars) return `must have at most ${patternChars} characters`
  return patternProblem(operand)
}

const invalid = (path: string, message: string): Problem[] => [
  problem('invalid_rule', path, `${path} ${message}.`),
]

const tooDeep = (path: string): Problem[] => [
  problem('too_deep', path, `A query may be ${deepest} levels deep.`),
]

/** Checks a query. */
export const queryProblems = (query: unknown, path: string, depth = 1): Problem[] => {
  if (!isObject(query)) return invalid(path, 'must be an object')
  if (depth > deepest) return tooDeep(path)
  return Object.entries(query).flatMap(([name, condition]) => {
    const conditionPath = `${path}.${name}`
    if (!groups.has(name)) return fieldProblems(condition, conditionPath, depth)
    if (!Array.isArray(condition)) return invalid(conditionPath, 'must be a list')
    return condition.flatMap((inner, i) => queryProblems(inner, `${conditionPath}.${i}`, depth + 1))
  })
}

const fieldProblems = (condition: Json | undefined, path: string, depth: number): Problem[] => {
  if (depth > deepest) return tooDeep(path)
  if (!isObject(condition)) {
    const message = scalar(condition)
    return message ? invalid(path, message) : []
  }
  const names = Object.keys(condition)
  if (names.length === 0) return invalid(path, 'needs an operator')
  if (names.includes('$options') && !names.includes('$regex')) {
    return invalid(`${path}.$options`, 'needs a $regex')
  }
  return names.flatMap((name) => {
    const operatorPath = `${path}.${name}`
    if (name === '$not') return fieldProblems(condition.$not, operatorPath, depth + 1)
    const check = Object.hasOwn(operators, name) ? operators[name] : undefined
    if (!check) {
      const known = [...Object.keys(operators), '$not'].join(', ')
      return [
        problem('unknown_operator', operatorPath, `${name} is no operator; there are ${known}.`),
      ]
    }
    const message = check(condition[name])
    return message ? invalid(operatorPath, message) : []
  })
}

type Comparable = Json | undefined

const isNumeric = (value: Comparable): boolean =>
  typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))

const incomparable = 2

/**
 * Compares numbers and numeric texts by value, texts by characters, and other values for equality
 * only.
 */
const compare = (a: Comparable, b: Comparable): number => {
  const [x, y] = [a ?? null, b ?? null]
  if (x === y) return 0
  const numbers =
    (typeof x === 'number' && (typeof y === 'number' || isNumeric(y))) ||
    (typeof y === 'number' && isNumeric(x))
  if (numbers) return Math.sign(Number(x) - Number(y))
  if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : 1
  return incomparable
}

const test = createFactory(allParsingInstructions, allInterpreters, {
  forPrimitives: true,
  compare: compare as never,
})

/** Reads a field by name; undefined when it does not exist. */
export type Field = (name: string) => Json | undefined
export type Predicate = (field: Field) => boolean

type ValueTest = (value: Json | undefined) => boolean

const compileOperator = (name: string, condition: JsonObject): ValueTest => {
  const operand = condition[name] ?? null
  if (name === '$not') {
    const inner = compileField(operand)
    return (value) => !inner(value)
  }
  // ucast's own test of a single value ignores the operand.
  if (name === '$exists') return (value) => (value !== undefined) === operand
  // As in MongoDB, a missing field equals null.
  if (operand === null && name === '$eq') return (value) => value === undefined || value === null
  if (operand === null && name === '$ne') return (value) => value !== undefined && value !== null
  if (name === '$regex') {
    const matches = compilePattern(String(operand), condition.$options === 'i' ? 'i' : '')
    const isMatch = (value: Json | undefined): boolean =>
      typeof value === 'string' && matches(value)
    return (value) => (Array.isArray(value) ? value.some(isMatch) : isMatch(value))
  }
  return test({ [name]: operand } as never) as ValueTest
}

const compileField = (condition: Json | undefined): ValueTest => {
  const operatorsOf = isObject(condition) ? condition : { $eq: condition ?? null }
  const tests = Object.keys(operatorsOf)
    .filter((name) => name !== '$options')
    .map((name) => compileOperator(name, operatorsOf))
  return (value) => tests.every((matches) => matches(value))
}

// Exact numbers are compared as the nearest JavaScript number.
const plain = (value: Json | undefined): Json | undefined => {
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null)
  return exactText(value)
}

/** Compiles a checked query. */
export const compileQuery = (query: Query): Predicate => {
  const parts = Object.entries(query).map(([name, condition]): Predicate => {
    if (!groups.has(name)) {
      const matches = compileField(condition)
      return (field) => matches(plain(field(name)))
    }
    const inner = (Array.isArray(condition) ? condition : []).map((query) =>
      compileQuery(isObject(query) ? query : {})
    )
    if (name === '$and') return (field) => inner.every((matches) => matches(field))
    if (name === '$or') return (field) => inner.some((matches) => matches(field))
    return (field) => !inner.some((matches) => matches(field))
  })
  return (field) => parts.every((matches) => matches(field))
}

/** The names of the fields that a query reads. */
export const queryFields = (query: Query): string[] =>
  Object.entries(query).flatMap(([name, condition]) =>
    groups.has(name) && Array.isArray(condition)
      ? condition.flatMap((inner) => (isObject(inner) ? queryFields(inner) : []))
      : [name]
  )
