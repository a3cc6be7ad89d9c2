import { exactText, isObject, type Json, type JsonObject, omit } from '../../base/json'
import type { FieldRules } from './rules'

// The field of a record that holds the identity, in either format.
const valueFields = ['identity', 'value']

const typeOf = (record: JsonObject): string | undefined => {
  const type = exactText(record.identity_type) ?? exactText(record.type)
  return typeof type === 'string' ? type : undefined
}

/** Redacts the record of an identity. Without a type its value is dropped. */
export const redactRecord = (record: JsonObject, rules: FieldRules): JsonObject => {
  const type = typeOf(record)
  const action = type === undefined ? 'drop' : rules.actionFor('user_identities', type)
  if (!action) return record
  if (action === 'drop') return omit(record, valueFields)
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      valueFields.includes(name) ? rules.hash(value ?? null) : value,
    ])
  )
}

const isDropped = (record: JsonObject, rules: FieldRules): boolean => {
  const type = typeOf(record)
  return type === undefined || rules.actionFor('user_identities', type) === 'drop'
}

/** Redacts a list of identities. Entries without a type are dropped. */
export const redactList = (list: Json[], rules: FieldRules): Json[] =>
  list.flatMap((record) =>
    isObject(record) && !isDropped(record, rules) ? [redactRecord(record, rules)] : []
  )

/** Redacts the old or the new value in the data of an identity change. */
export const redactChange = (value: Json | undefined, rules: FieldRules): Json | undefined => {
  if (value === undefined || value === null) return value
  if (Array.isArray(value)) return redactList(value, rules)
  return isObject(value) ? redactRecord(value, rules) : null
}
