import { exactText, isObject, type Json, type JsonObject, omit } from '../../base/json'
import type { FieldRules } from './rules'

// The fields in which an identity stands, by whoever wrote it.
const valueFields = ['identity', 'value']

const typeOf = (record: JsonObject): string | undefined => {
  const type = exactText(record.identity_type) ?? exactText(record.type)
  return typeof type === 'string' ? type : undefined
}

/** An identity as a record; one without a type is taken for any. */
export const governRecord = (record: JsonObject, rules: FieldRules): JsonObject => {
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

const isDropped = (one: Json, rules: FieldRules): boolean => {
  if (!isObject(one)) return true
  const type = typeOf(one)
  return type === undefined || rules.actionFor('user_identities', type) === 'drop'
}

/** A list of identities, without those that nobody can tell the type of. */
export const governList = (list: Json[], rules: FieldRules): Json[] =>
  list.flatMap((one) => (isObject(one) && !isDropped(one, rules) ? [governRecord(one, rules)] : []))

/** One side of a change of identity. */
export const governChanged = (value: Json | undefined, rules: FieldRules): Json | undefined => {
  if (value === undefined || value === null) return value
  if (Array.isArray(value)) return governList(value, rules)
  return isObject(value) ? governRecord(value, rules) : null
}
