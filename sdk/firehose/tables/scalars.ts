import type { UnknownType } from '../open'
import { type Field, isMissing, isObject, list, map } from './field'

const checked =
  (isValid: (value: unknown) => boolean, message: string): Field<never>['check'] =>
  (value, path) =>
    isValid(value) ? [] : [{ path, message }]

/** A scalar as text; lists and objects as JSON text. */
const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    // The value is nested too deeply.
    return undefined
  }
}

const isString = (value: unknown): value is string => typeof value === 'string'

export const text: Field<string> = {
  read: textOf,
  check: checked(isString, 'must be a string'),
}

/** Text; empty text counts as missing. */
export const filled: Field<string> = {
  read: (value) => textOf(value) || undefined,
  check: checked((value) => isString(value) && value !== '', 'must be a string that is not empty'),
}

const numeric = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/

const numberOf = (value: unknown): number | undefined => {
  const number = isString(value) && numeric.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const integerOf = (value: unknown): number | undefined => {
  const number = numberOf(value)
  // Adding 0 turns -0 into 0, which JSON would write anyway.
  return number === undefined ? undefined : Math.trunc(number) + 0
}

const isInt32 = (value: unknown): boolean =>
  Number.isInteger(value) && value === (Number(value) | 0)

/** A 32-bit integer. Reading accepts larger ones. */
export const int32: Field<number> = {
  read: integerOf,
  check: checked(isInt32, 'must be a 32-bit integer'),
}

export const int64: Field<number> = {
  read: integerOf,
  check: checked(Number.isSafeInteger, 'must be an integer below 2^53'),
}

const digits = /^-?\d{1,19}$/
const isInt64Text = (value: unknown): boolean =>
  isString(value) && digits.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)

/** A 64-bit integer with exact digits: text if a number might not represent it. */
export const exactInt64: Field<number | string> = {
  read: (value) => (isInt64Text(value) ? (value as string) : integerOf(value)),
  check: checked(
    (value) => Number.isSafeInteger(value) || isInt64Text(value),
    'must be a 64-bit integer'
  ),
}

/** A decimal number of any size. */
export const decimal: Field<number> = {
  read: numberOf,
  check: checked(Number.isFinite, 'must be a number'),
}

export const flag: Field<boolean> = {
  read: (value) => {
    if (typeof value === 'boolean') return value
    if (typeof value === 'number') return value !== 0
    const word = isString(value) ? value.trim().toLowerCase() : undefined
    return word === 'true' || word === 'false' ? word === 'true' : undefined
  },
  check: checked((value) => typeof value === 'boolean', 'must be true or false'),
}

const dashed = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
export const isUuid = (value: unknown): value is string => isString(value) && dashed.test(value)

/** Reading keeps ids that are no UUIDs, since they still serve to deduplicate. */
export const uuid: Field<string> = {
  read: filled.read,
  check: checked(isUuid, 'must be a UUID'),
}

const among = (words: readonly string[]): string =>
  words.length === 1 ? `must be ${words[0]}` : `must be one of ${words.join(', ')}`

const checkWord = (words: readonly string[]) =>
  checked((value) => isString(value) && words.includes(value), among(words))

/** A word of a list. Reading accepts other words. */
export const word = (words: readonly string[]): Field<string> => ({
  read: textOf,
  check: checkWord(words),
})

/** A word of a list. Reading leaves out other words. */
export const known = <Word extends string>(words: readonly Word[]): Field<Word> => ({
  read: (value) => words.find((candidate) => candidate === value),
  check: checkWord(words),
})

const nullableText: Field<string | null> = {
  read: (value) => (isMissing(value) ? null : textOf(value)),
  check: checked((value) => value === null || isString(value), 'must be a string'),
}

export const textMap = map(nullableText)

const textOrNothing: Field<string> = {
  ...text,
  read: (value) => (isMissing(value) ? undefined : textOf(value)),
}
export const texts = list(textOrNothing)

/** Lists of text. Reading converts a single text to a list. */
export const textLists: Field<Record<string, string[]>> = map({
  ...texts,
  read: (value) => texts.read(Array.isArray(value) ? value : [value]),
})

/** An object of an unknown type, kept unchanged. It cannot be written. */
export const raw: Field<{ type: UnknownType; [field: string]: unknown }> = {
  read: (value) =>
    isObject(value) ? { ...value, type: textOf(value.type ?? '') as UnknownType } : undefined,
  check: (_value, path) => [{ path, message: 'is of no known type' }],
}
