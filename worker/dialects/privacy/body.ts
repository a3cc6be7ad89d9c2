import { isObject, isTooDeep, type Json, parseJson, stringifyJson } from '../../base/json'
import { type CheckedBatch, isEvent } from '../../batch'
import { governFields } from './fields'
import type { FieldRules } from './rules'

const parse = (text: string): Json | undefined => {
  try {
    return isTooDeep(text) ? undefined : parseJson(text)
  } catch {
    return undefined
  }
}

/** A body's text without what the rules are about; as it came when it cannot be read. */
export const governText = (text: string, rules: FieldRules | undefined): string => {
  const value = rules && parse(text)
  return rules && value !== undefined ? stringifyJson(governFields(value, rules)) : text
}

/** A batch that was read already, likewise. */
export const governBatch = <B extends CheckedBatch>(
  checked: B,
  rules: FieldRules | undefined
): B => {
  if (!rules) return checked
  const batch = governFields(checked.batch, rules)
  if (!isObject(batch)) return checked
  const events = Array.isArray(batch.events) ? batch.events.filter(isEvent) : checked.events
  const notifications = checked.notifications?.map((one) => governFields(one, rules))
  return { ...checked, batch, events, ...(notifications ? { notifications } : {}) }
}

/**
 * Whether rules could be applied to a payload that is to be kept: nobody knows what is in one that
 * is no JSON object, or no list.
 */
export const isGovernable = (payload: string): boolean => {
  const value = parse(payload)
  return isObject(value) || Array.isArray(value)
}
