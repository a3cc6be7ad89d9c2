import { exactText, isObject, type Json, type JsonObject, own } from '../../base/json'

/** Those of the fields that are set. */
export const set = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/**
 * A copy with some fields under other names. One whose new name is taken keeps its own: nothing is
 * lost to a message that says a thing twice.
 */
export const rename = (object: JsonObject, names: Record<string, string>): JsonObject => {
  const entries = Object.entries(object)
  const renamed = new Map(entries.filter(([name]) => own(names, name) === undefined))
  for (const [name, value] of entries) {
    const to = own(names, name)
    if (to !== undefined) renamed.set(renamed.has(to) ? name : to, value)
  }
  return Object.fromEntries(renamed)
}

/** A boolean, also of its text in any letter case; what is none stays. */
export const readSwitch = (value: Json | undefined): Json | undefined => {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  return text === 'true' || text === 'false' ? text === 'true' : value
}

/** A list with its objects changed, and all else as it is. */
export const eachObject = (
  value: Json | undefined,
  change: (object: JsonObject) => Json
): Json | undefined =>
  Array.isArray(value) ? value.map((one) => (isObject(one) ? change(one) : one)) : value

/** Whether something is said at all: not null, and not an empty text, list or object. */
export const isSaid = (value: Json | undefined): value is Json =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  (typeof value !== 'object' || Object.keys(value).length > 0)

/** Text that is not empty; not a number, which may be kept as marked text and must name nothing. */
export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' && exactText(value) === value ? value : undefined
