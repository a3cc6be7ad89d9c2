import * as v from 'valibot'
import { isObject } from './base/json'
import { parseUrl } from './base/url'
import { defaultOf, type SettingRow, type SettingTable, type Values } from './setting-rows'

const isUrl = (value: string): boolean => /^https?:$/.test(parseUrl(value)?.protocol ?? '')

const valuesOf = (choices: { value: string }[]): string[] => choices.map(({ value }) => value)

/** What JSON Schema says of a setting beside its type. */
const about = <T>({ label, help, unit }: { label: string; help: string; unit?: string }) => [
  v.title<T, string>(label),
  v.description<T, string>(unit ? `${help} Unit: ${unit}.` : help),
]

const longEnough = (minLength = 0) => {
  const message =
    minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`
  return minLength === 0 ? [] : [v.minLength<string, number, string>(minLength, message)]
}

const matching = ({ pattern, patternHelp }: { pattern?: string; patternHelp?: string }) =>
  pattern === undefined
    ? []
    : [v.regex(new RegExp(pattern), patternHelp ?? `must match ${pattern}`)]

const choiceSchema = (row: SettingRow & { type: 'choice' }) => {
  const values = valuesOf(row.choices)
  const message = `must be one of ${values.join(', ')}`
  const known = v.picklist(values, message)
  if (row.pattern === undefined) return v.pipe(known, ...about<string>(row))
  const other = v.pipe(v.string(message), ...matching({ ...row, patternHelp: message }))
  return v.pipe(v.union([known, other], message), ...about<string>(row))
}

const listSchema = (row: SettingRow & { type: 'list' }) => {
  if (row.choices) {
    const values = valuesOf(row.choices)
    const message = `must be a list of ${values.join(', ')}`
    return v.pipe(v.array(v.picklist(values, message), message), ...about<string[]>(row))
  }
  const { most } = row
  const message = `must be a list of ${most === undefined ? '' : `at most ${most} `}names`
  const filled = row.pattern ? [] : [v.minLength<string, number, string>(1, message)]
  const name = v.pipe(v.string(message), ...filled, ...matching(row))
  const few = most === undefined ? [] : [v.maxLength<string[], number, string>(most, message)]
  return v.pipe(v.array(name, message), ...few, ...about<string[]>(row))
}

const makeSchema = (row: SettingRow): v.GenericSchema => {
  switch (row.type) {
    case 'text':
      return v.pipe(
        v.string('must be text'),
        ...longEnough(row.minLength),
        ...matching(row),
        ...about<string>(row)
      )
    case 'url': {
      const message = 'must be a URL that begins with https:// or http://'
      return v.pipe(v.string(message), v.check(isUrl, message), ...about<string>(row))
    }
    case 'secret':
      return v.pipe(v.string('must be text'), ...longEnough(row.minLength), ...about<string>(row))
    case 'time': {
      const message = 'must be a time such as 2027-01-31T00:00:00Z'
      return v.pipe(v.string(message), v.isoTimestamp(message), ...about<string>(row))
    }
    case 'switch':
      return v.pipe(v.boolean('must be true or false'), ...about<boolean>(row))
    case 'number': {
      const { unit, min, max } = row
      const message = `must be a whole number of ${unit} from ${min} to ${max}`
      return v.pipe(
        v.number(message),
        v.integer(message),
        v.minValue<number, number, string>(min, message),
        v.maxValue<number, number, string>(max, message),
        ...about<number>(row)
      )
    }
    case 'choice':
      return choiceSchema(row)
    case 'list':
      return listSchema(row)
    case 'values':
      return v.custom(isObject, 'must be an object')
  }
}

const schemas = new WeakMap<SettingRow, v.GenericSchema>()

/** What a value of the row must be. Messages follow the row's label: `must be true or false`. */
export const schemaOf = (row: SettingRow): v.GenericSchema => {
  const schema = schemas.get(row) ?? makeSchema(row)
  schemas.set(row, schema)
  return schema
}

const entryOf = (row: SettingTable[string]): v.GenericSchema => {
  if (row.type === 'group') {
    const group: v.GenericSchema = v.optional(settingsSchema(row.rows))
    return v.pipe(group, ...about<unknown>(row))
  }
  if (row.type === 'groups') {
    const list = v.array(settingsSchema(row.rows), 'must be a list')
    return v.pipe(v.optional(list, []), v.description(row.help))
  }
  const schema = schemaOf(row)
  if (row.required) return schema
  if (defaultOf(row) === undefined) return v.optional(schema)
  // A function, so that no two values share a list.
  return v.optional(schema, () => defaultOf(row))
}

type Entry<Value> = undefined extends Value
  ? v.OptionalSchema<v.GenericSchema<unknown, Exclude<Value, undefined>>, undefined>
  : v.GenericSchema<unknown, Value>

type SettingsSchema<R extends SettingTable> = v.StrictObjectSchema<
  { [K in keyof Required<Values<R>>]: Entry<Values<R>[K]> },
  string
>

/**
 * The schema of an object with the settings of a table. Defaults are filled in; what is not in
 * the table is refused.
 */
export const settingsSchema = <R extends SettingTable>(rows: R): SettingsSchema<R> => {
  const entries = Object.entries(rows).map(([id, row]) => [id, entryOf(row)])
  const schema: unknown = v.strictObject(Object.fromEntries(entries), 'must be an object')
  // Each row became the schema of its values, which is what the type says of them.
  return schema as SettingsSchema<R>
}
