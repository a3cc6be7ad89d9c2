import { exactText, isObject, type Json, type JsonObject } from '../../../base/json'
import { type Problem, problem } from '../../../base/problem'

/** What a reader reports beside the value. */
export interface Notes {
  /** What was ignored or is unusual, one sentence each. */
  warnings: string[]
  /** What cannot be ignored. */
  problems: Problem[]
}

export const warn = (notes: Notes, path: string, message: string): void => {
  notes.warnings.push(`${path} ${message}`)
}

export const refuse = (notes: Notes, path: string, message: string): void => {
  notes.problems.push(problem('invalid_registration', path, `${path} ${message}`))
}

const longestQuote = 60

/** A value as messages quote it. */
export const quoted = (value: Json | undefined): string => {
  const text = readText(value) ?? (value === undefined ? 'nothing' : JSON.stringify(value))
  return text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
}

/** Text, also of a number or boolean; undefined when it is empty. */
export const readText = (value: Json | undefined): string | undefined => {
  const exact = exactText(value)
  if (exact === null || exact === undefined || typeof exact === 'object') return undefined
  return String(exact) || undefined
}

/** A boolean, also as text in any letter case. */
export const readFlag = (value: Json | undefined): boolean | undefined => {
  const text = readText(value)?.toLowerCase()
  return text === 'true' || text === 'false' ? text === 'true' : undefined
}

/** A number, also as text. */
export const readNumber = (value: Json | undefined): number | undefined => {
  const text = typeof value === 'boolean' ? undefined : readText(value)?.trim()
  const number = text ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

export const readSection = (
  value: Json | undefined,
  path: string,
  notes: Notes
): JsonObject | undefined => {
  if (isObject(value)) return value
  if (value !== undefined && value !== null) warn(notes, path, 'is no object and was ignored.')
  return undefined
}

export const readList = (value: Json | undefined, path: string, notes: Notes): Json[] => {
  if (Array.isArray(value)) return value
  if (value !== undefined && value !== null) warn(notes, path, 'is no list and was ignored.')
  return []
}

/** The objects of a list, each with its path. */
export const readObjects = (
  value: Json | undefined,
  path: string,
  notes: Notes
): [path: string, JsonObject][] =>
  readList(value, path, notes).flatMap((one, i): [string, JsonObject][] => {
    const section = readSection(one, `${path}.${i}`, notes)
    return section ? [[`${path}.${i}`, section]] : []
  })

export const readWord = <Word extends string>(
  words: readonly Word[],
  value: Json | undefined
): Word | undefined => words.find((word) => word === value)

/** The known words of a list, without duplicates. */
export const readWords = <Word extends string>(
  words: readonly Word[],
  list: { value: Json | undefined; path: string },
  notes: Notes
): Word[] => {
  const read = readList(list.value, list.path, notes).flatMap((one, i) => {
    const word = readWord(words, one)
    if (!word) warn(notes, `${list.path}.${i}`, `is ${quoted(one)}, which is unknown.`)
    return word ?? []
  })
  return [...new Set(read)]
}

type Filled<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> }

/** A copy without fields that are undefined or an empty list, which mean the same. */
export const filled = <T extends object>(fields: T): Filled<T> => {
  const entries = Object.entries(fields).filter(([, value]) => {
    return value !== undefined && !(Array.isArray(value) && value.length === 0)
  })
  // Fields were only removed.
  return Object.fromEntries(entries) as Filled<T>
}
