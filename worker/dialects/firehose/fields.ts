import { exactText, isObject, type Json, type JsonObject, own } from '../../base/json'

/** The fields that are not undefined. */
export const set = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/**
 * A copy with some fields renamed. A field whose new name exists already keeps its old one, so that
 * neither value is lost.
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

/** A boolean, also from text in any letter case; other values stay as they are. */
export const readSwitch = (value: Json | undefined): Json | undefined => {
  const text = typeof value === 'string' ? value.toLowerCase() : value
  return text === 'true' || text === 'false' ? text === 'true' : value
}

/** A list with a change applied to its objects; other values stay as they are. */
export const eachObject = (
  value: Json | undefined,
  change: (object: JsonObject) => Json
): Json | undefined =>
  Array.isArray(value) ? value.map((item) => (isObject(item) ? change(item) : item)) : value

/** Whether a value is there and not null, nor an empty text, list or object. */
export const isFilled = (value: Json | undefined): value is Json =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  (typeof value !== 'object' || Object.keys(value).length > 0)

/** Text that is not empty. The marked text of an exact number (see `parseJson`) does not count. */
export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' && exactText(value) === value ? value : undefined
