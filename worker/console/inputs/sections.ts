import { isObject } from '../../base/json'
import { inputSettings } from '../../config/input'
import type { GroupListRow, SettingTable } from '../../settings'
import { type FormField, fieldsOf } from '../forms/form-field'
import { idSection } from '../forms/id-section'
import { valueAt, withValue } from '../forms/read-form'
import type { Section } from '../forms/section'

type Item = Record<string, unknown>

/** Where an input has its access keys, the only list of groups. */
const keysPath = ['mobile_analytics', 'access_keys']

// The first setting names an entry: without it, there is none.
const entryFields = (list: GroupListRow, path: string[], index: number): FormField[] =>
  fieldsOf(list.rows, ...path, String(index)).map(({ path, row }, i) => {
    const label = `${list.label} ${index + 1}: ${row.label}`
    if (i > 0) return { path, row: { ...row, label } }
    const help = `${row.help} Empty: ${list.label} ${index + 1} is removed.`
    return { path, row: { ...row, label, help, required: false } }
  })

const groupFields = (rows: SettingTable, path: string[], item: Item): FormField[] =>
  Object.entries(rows).flatMap(([id, row]) => {
    const place = [...path, id]
    if (row.type !== 'groups') return fieldsOf({ [id]: row }, ...path)
    const entries = Object.keys(valueAt(item, place) ?? {})
    // One more than there are, for a new one.
    return [...entries, ''].flatMap((_, index) => entryFields(row, place, index))
  })

/** A section for each group of a table, and for the groups within it. */
const groupSections = (rows: SettingTable, item: Item, ...path: string[]): Section[] =>
  Object.entries(rows).flatMap(([id, row]) => {
    if (row.type !== 'group') return []
    const { label, help, switchLabel } = row
    const place = [...path, id]
    const fields = groupFields(row.rows, place, item)
    const optional = switchLabel && { optional: { path: place, label: switchLabel } }
    const section = { title: label, help, isFolded: true, fields, ...optional }
    return [section, ...groupSections(row.rows, item, ...place)]
  })

const { id, login_identities, batches_per_second, ...others } = inputSettings
const { limits, privacy, ...dialects } = others

/** The sections of an input's form; with a field for the id while it has none. */
export const inputSections = (item: Item, isNew: boolean): Section[] => [
  ...(isNew ? [idSection('input')] : []),
  { title: 'Basics', fields: fieldsOf(others) },
  ...groupSections({ limits, privacy }, item),
  {
    title: 'Identities and the Events API',
    isFolded: true,
    fields: fieldsOf({ login_identities, batches_per_second }),
  },
  ...groupSections(dialects, item),
]

/** An input with its access keys by their places, so that each is a group like others. */
export const withPlacedKeys = (input: Item): Item => {
  const keys = valueAt(input, keysPath)
  return Array.isArray(keys) ? withValue(input, keysPath, { ...keys }) : input
}

/** The same with a list of them again, without those that have no id. */
export const withListedKeys = (input: Item): Item => {
  const keys = valueAt(input, keysPath)
  if (!isObject(keys)) return input
  const named = Object.values(keys).filter((key) => valueAt(key, ['access_key_id']) !== undefined)
  return withValue(input, keysPath, named)
}
