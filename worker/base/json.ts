/**
 * JSON that keeps every number as it was written. JavaScript numbers hold 53 bits, while batches
 * carry signed 64-bit ids: a literal that a double cannot reproduce is kept as its source text,
 * marked, and written back as that text.
 */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json | undefined
}

// Random per isolate, so that no client can send a string that looks like a marked number. Set at
// first use: workerd allows no random values while a module loads.
let currentMark: { marker: string; marked: RegExp } | undefined

const mark = (): { marker: string; marked: RegExp } => {
  if (!currentMark) {
    const marker = `\u{E000}${crypto.randomUUID()}:`
    currentMark = { marker, marked: new RegExp(`"${marker}([^"]+)"`, 'g') }
  }
  return currentMark
}

// Every upload is searched, so the first test is the cheapest. The second excludes long digits in
// quotes, as in the web SDK's ids and in UUIDs.
const longDigits = /[\d.]{16}/
const longNumber = /(?:^|[:,[\s])-?[\d.]{16}/
const bigExponent = /\d[eE][+-]?\d{3}/
const bigNumber = /(?:^|[:,[\s])-?\d[\d.]*[eE][+-]?\d{3}/

const mayHoldExactNumbers = (text: string): boolean =>
  (longDigits.test(text) && longNumber.test(text)) ||
  (bigExponent.test(text) && bigNumber.test(text))

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

const markExactNumber = (token: string): string => {
  if (token.startsWith('"')) return token
  const digits = token.replace(/[^\d]/g, '').length
  if (digits < 16 && !/[eE]/.test(token)) return token
  return String(Number(token)) === token ? token : `"${mark().marker}${token}"`
}

/**
 * Parses JSON. A number that a double cannot reproduce becomes a marked string: see `exactText`.
 *
 * @throws SyntaxError when the text is not JSON
 */
export const parseJson = (text: string): Json => {
  if (!mayHoldExactNumbers(text)) return JSON.parse(text)
  // Marking would let invalid numbers pass, such as those with a leading zero, so the original text
  // is parsed first.
  JSON.parse(text)
  return JSON.parse(text.replace(stringOrNumber, markExactNumber))
}

/**
 * The text of a value of `parseJson`, with marked numbers written as they were.
 *
 * @param indent spaces per level, for people; one line by default
 */
export const stringifyJson = (value: Json | object, indent?: number): string => {
  const text = JSON.stringify(value, undefined, indent)
  const { marker, marked } = mark()
  return text.includes(marker) ? text.replace(marked, '$1') : text
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An own property: a name from outside, such as `constructor`, must not find an inherited one. */
export const own = <T>(object: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** The digits of a marked number, or the value itself. */
export const exactText = (value: Json | undefined): Json | undefined =>
  typeof value === 'string' && value.startsWith('\u{E000}') && value.startsWith(mark().marker)
    ? value.slice(mark().marker.length)
    : value

const decimal = /^-?\d{1,19}$/
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

/** A signed 64-bit integer, from a number or decimal string, as a canonical decimal string. */
export const readInt64 = (value: Json | undefined): string | undefined => {
  // A number that is not marked is exact, so its text is that of the literal.
  const text = typeof value === 'number' ? String(value) : exactText(value)
  if (typeof text !== 'string' || !decimal.test(text)) return undefined
  const exact = BigInt(text)
  return exact >= int64.min && exact <= int64.max ? String(exact) : undefined
}

/** Milliseconds since the epoch as a number, for arithmetic, from a number or decimal string. */
export const readMs = (value: Json | undefined): number | undefined => {
  const text = readInt64(value)
  return text === undefined ? undefined : Number(text)
}

/**
 * A number, marked if necessary, that `stringifyJson` writes exactly as in the text.
 *
 * @param text a JSON number
 */
export const numberOf = (text: string): Json =>
  String(Number(text)) === text ? Number(text) : `${mark().marker}${text}`

/** A copy without some fields. */
export const omit = (object: JsonObject, names: string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

const maxDepth = 200
const brackets = /[[{]/g
// An unterminated string matches to the end of the text: searching within it would be quadratic.
const stringOrBracket = /"(?:[^"\\]|\\[\s\S]?)*"?|[[\]{}]/g

/**
 * Whether JSON text is nested deeper than 200 levels, which recursive functions may not get
 * through.
 */
export const isTooDeep = (text: string): boolean => {
  // Most uploads have fewer brackets than that, also when those in strings are counted.
  if ((text.match(brackets)?.length ?? 0) <= maxDepth) return false
  let depth = 0
  for (const [token] of text.matchAll(stringOrBracket)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    if (depth > maxDepth) return true
  }
  return false
}
