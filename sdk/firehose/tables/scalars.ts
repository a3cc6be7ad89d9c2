import type { UnknownType } from '../open'
import { type Field, isMissing, isObject, list, map } from './field'

const checked =
  (isRight: (value: unknown) => boolean, message: string): Field<never>['check'] =>
  (value, path) =>
    isRight(value) ? [] : [{ path, message }]

/** The text of a scalar; JSON text of what is not, as the platform has it elsewhere. */
const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    // Nested too deep to be walked.
    return undefined
  }
}

const isString = (value: unknown): value is string => typeof value === 'string'

export const text: Field<string> = {
  read: textOf,
  check: checked(isString, 'must be a string'),
}

/** Text that is worth nothing when it is empty. */
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
  // Not -0, which would be written as 0 and read as something else.
  return number === undefined ? undefined : Math.trunc(number) + 0
}

const isInt32 = (value: unknown): boolean =>
  Number.isInteger(value) && value === (Number(value) | 0)

/** 32 bits. A reader takes longer ones, too. */
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

/** 64 bits that keep their digits: text where a number may not do. */
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

/** A reader keeps other ids as they are: they still tell repeats. */
export const uuid: Field<string> = {
  read: filled.read,
  check: checked(isUuid, 'must be a UUID'),
}

const among = (words: readonly string[]): string =>
  words.length === 1 ? `must be ${words[0]}` : `must be one of ${words.join(', ')}`

const checkWord = (words: readonly string[]) =>
  checked((value) => isString(value) && words.includes(value), among(words))

/** A word of a list. A reader takes others as well. */
export const word = (words: readonly string[]): Field<string> => ({
  read: textOf,
  check: checkWord(words),
})

/** A word of a list. A reader drops what is none of them. */
export const known = <Word extends string>(words: readonly Word[]): Field<Word> => ({
  read: (value) => words.find((one) => one === value),
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

/** Lists of text. A reader makes a list of a single text. */
export const textLists: Field<Record<string, string[]>> = map({
  ...texts,
  read: (value) => texts.read(Array.isArray(value) ? value : [value]),
})

/** What is kept as it came, since this version does not know its type. Nobody writes such. */
export const raw: Field<{ type: UnknownType; [field: string]: unknown }> = {
  read: (value) =>
    isObject(value) ? { ...value, type: textOf(value.type ?? '') as UnknownType } : undefined,
  check: (_, path) => [{ path, message: 'is of no known type' }],
}
