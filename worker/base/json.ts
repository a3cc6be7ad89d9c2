/**
 * JSON that keeps every number as it was written. JavaScript numbers hold 53 bits, while batches
 * carry signed 64-bit ids: a literal that a double cannot reproduce is kept as its source text,
 * marked, and written back as that text.
 */
export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json | undefined
}

// Random per isolate, so that no client can send a string that is taken for a marked number. Made
// at first use: workerd allows no random values while a module loads.
let made: { marker: string; marked: RegExp } | undefined

const mark = (): { marker: string; marked: RegExp } => {
  if (!made) {
    const marker = `\u{E000}${crypto.randomUUID()}:`
    made = { marker, marked: new RegExp(`"${marker}([^"]+)"`, 'g') }
  }
  return made
}

// Every upload is looked at, so the first look is the cheapest. The second spares those whose long
// digits stand in quotes, as the web SDK's ids do, and those with UUIDs.
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

/** @throws SyntaxError when the text is not JSON. */
export const parseJson = (text: string): Json => {
  if (!mayHoldExactNumbers(text)) return JSON.parse(text)
  // Marking tolerates what JSON does not, a leading zero for one, so the original is judged first.
  JSON.parse(text)
  return JSON.parse(text.replace(stringOrNumber, markExactNumber))
}

/**
 * The text of a value of `parseJson`, with its exact numbers.
 *
 * @param indent spaces by which people see what belongs together; by default one line
 */
export const stringifyJson = (value: Json | object, indent?: number): string => {
  const text = JSON.stringify(value, undefined, indent)
  const { marker, marked } = mark()
  return text.includes(marker) ? text.replace(marked, '$1') : text
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field of its own that an object has: names come from anywhere, `constructor` among them. */
export const own = <T>(object: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** The digits of an exact number, or the value itself. */
export const exactText = (value: Json | undefined): Json | undefined =>
  typeof value === 'string' && value.startsWith('\u{E000}') && value.startsWith(mark().marker)
    ? value.slice(mark().marker.length)
    : value

const decimal = /^-?\d{1,19}$/
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

/** A signed 64-bit integer, sent as number or decimal string, as a canonical decimal string. */
export const readInt64 = (value: Json | undefined): string | undefined => {
  // parseJson leaves a literal a number only when its text is the number's own.
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
 * The number that a text spells, for `stringifyJson` to write as it was spelled.
 *
 * @param text a number of JSON
 */
export const numberOf = (text: string): Json =>
  String(Number(text)) === text ? Number(text) : `${mark().marker}${text}`

/** A copy without some fields. */
export const omit = (object: JsonObject, names: string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

const deepest = 200
const brackets = /[[{]/g
// It takes a string that never ends whole: to look for others within would be quadratic.
const stringOrBracket = /"(?:[^"\\]|\\[\s\S]?)*"?|[[\]{}]/g

/**
 * Whether JSON text is nested deeper than 200 levels: what would be parsed may be too deep to be
 * walked or written again.
 */
export const isTooDeep = (text: string): boolean => {
  // Few brackets cannot nest deep, and most uploads have few; those inside of strings only add.
  if ((text.match(brackets)?.length ?? 0) <= deepest) return false
  let depth = 0
  for (const [token] of text.matchAll(stringOrBracket)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    if (depth > deepest) return true
  }
  return false
}
