import {
  exactText,
  isObject,
  type Json,
  type JsonObject,
  numberOf,
  readInt64,
  stringifyJson,
} from '../../base/json'

/**
 * Converts a value to the type of a field; undefined when that is impossible, and the field is left
 * out.
 */
export type Reader = (value: Json | undefined) => Json | undefined

/** A scalar as text; undefined for an empty value, a list or an object. */
export const textOf = (value: Json | undefined): string | undefined => {
  const plain = exactText(value)
  if (plain === undefined || plain === null || plain === '' || typeof plain === 'object') {
    return undefined
  }
  return String(plain)
}

/** Any value as text, lists and objects as JSON text. */
export const anyText = (value: Json): string => {
  const plain = exactText(value)
  return typeof plain === 'string' ? plain : stringifyJson(plain ?? null)
}

/** The members of a list as text, without null. */
export const memberTexts = (list: Json[]): string[] =>
  list.flatMap((member) => (member === null ? [] : [anyText(member)]))

const textOrNull = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : anyText(value)

/**
 * A map with all values as text, since integrations reject a message that has others. Undefined
 * when it is empty.
 */
export const textMap = (value: Json | undefined): JsonObject | undefined => {
  if (!isObject(value)) return undefined
  const entries = Object.entries(value).map(([name, field]) => [name, textOrNull(field)])
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * A number, or the text of one, with exactly its digits. Undefined beyond the range of a double.
 */
export const decimalOf: Reader = (value) => {
  if (typeof value === 'number') return value
  const plain = exactText(value)
  if (typeof plain !== 'string' || !jsonNumber.test(plain)) return undefined
  return Number.isFinite(Number(plain)) ? numberOf(plain) : undefined
}

/** A 64-bit integer, or the text of one, with exactly its digits. */
export const int64Of: Reader = (value) => {
  const digits = readInt64(value)
  return digits === undefined ? undefined : numberOf(digits)
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 }

/** Truncates fractions. Undefined beyond 32 bits. */
export const int32Of = (value: Json | undefined): number | undefined => {
  const text = textOf(value)
  if (text === undefined || !jsonNumber.test(text)) return undefined
  const integer = Math.trunc(Number(text)) || 0
  return integer >= int32.min && integer <= int32.max ? integer : undefined
}

/** A boolean, or `true` or `false` as text in any letter case. */
export const booleanOf = (value: Json | undefined): boolean | undefined => {
  const text = textOf(value)?.toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** A boolean as text. */
export const booleanText: Reader = (value) => {
  const boolean = booleanOf(value)
  return boolean === undefined ? undefined : String(boolean)
}

/** Text that is one of `words`. */
export const wordOf =
  (words: readonly string[]): Reader =>
  (value) => {
    const text = textOf(value)
    return text !== undefined && words.includes(text) ? text : undefined
  }

/** An object; an empty one for anything else. */
export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

/** A field of a message: its name, its name in the source, and how it is converted. */
export type Field = readonly [name: string, from: string, read: Reader]

/** Reads the fields of a message from a source. JSON leaves out those that are undefined. */
export const readFields = (source: JsonObject, fields: readonly Field[]): JsonObject =>
  Object.fromEntries(fields.map(([name, from, read]) => [name, read(source[from])]))

/** A list, or undefined when it is empty. */
export const nonEmpty = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined)

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** A UUID, of any version: many clients write ids that are of no valid version. */
export const uuidIn = (value: Json | undefined): string | undefined => {
  const text = textOf(value)
  return text !== undefined && uuid.test(text) ? text : undefined
}
