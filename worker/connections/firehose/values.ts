import {
  exactText,
  isObject,
  type Json,
  type JsonObject,
  numberOf,
  readInt64,
  stringifyJson,
} from '../../base/json'

/** Reads a value as what a field takes; undefined when it is none, and the field is left out. */
export type Reader = (value: Json | undefined) => Json | undefined

/** A scalar as text; undefined for what is empty. */
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

/** The members of a list that have a value. */
export const memberTexts = (list: Json[]): string[] =>
  list.flatMap((one) => (one === null ? [] : [anyText(one)]))

const textOrNull = (value: Json | undefined): string | null =>
  value === undefined || value === null ? null : anyText(value)

/**
 * A map of strings: anything but text among its values would cost an integration the message.
 * Undefined when it is empty.
 */
export const textMap = (value: Json | undefined): JsonObject | undefined => {
  if (!isObject(value)) return undefined
  const entries = Object.entries(value).map(([name, one]) => [name, textOrNull(one)])
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** A number, or the text of one, digit by digit. One that no double can hold is none. */
export const decimalOf: Reader = (value) => {
  if (typeof value === 'number') return value
  const plain = exactText(value)
  if (typeof plain !== 'string' || !jsonNumber.test(plain)) return undefined
  return Number.isFinite(Number(plain)) ? numberOf(plain) : undefined
}

export const int64Of: Reader = (value) => {
  const digits = readInt64(value)
  return digits === undefined ? undefined : numberOf(digits)
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 }

/** Fractions are cut off, and larger numbers are none. */
export const int32Of = (value: Json | undefined): number | undefined => {
  const text = textOf(value)
  if (text === undefined || !jsonNumber.test(text)) return undefined
  const whole = Math.trunc(Number(text)) || 0
  return whole >= int32.min && whole <= int32.max ? whole : undefined
}

export const booleanOf = (value: Json | undefined): boolean | undefined => {
  const text = textOf(value)?.toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** Booleans that the protocol has as text. */
export const booleanText: Reader = (value) => {
  const given = booleanOf(value)
  return given === undefined ? undefined : String(given)
}

/** One of some words. */
export const wordOf =
  (words: readonly string[]): Reader =>
  (value) => {
    const text = textOf(value)
    return text !== undefined && words.includes(text) ? text : undefined
  }

export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

/** A field of a message: its name there and where it comes from, and how it is read. */
export type Field = readonly [name: string, from: string, read: Reader]

/** The fields of a message that a source has. JSON leaves out those that are undefined. */
export const readFields = (source: JsonObject, fields: readonly Field[]): JsonObject =>
  Object.fromEntries(fields.map(([name, from, read]) => [name, read(source[from])]))

/** A list, or undefined when it is empty. */
export const filled = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined)

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** The 36 characters of a UUID, of whatever version: real ids often are of none. */
export const uuidIn = (value: Json | undefined): string | undefined => {
  const text = textOf(value)
  return text !== undefined && uuid.test(text) ? text : undefined
}
