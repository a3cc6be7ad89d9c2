import { isObject, isTooDeep, type Json, parseJson, stringifyJson } from '../../base/json'
import { type CheckedBatch, isEvent } from '../../batch'
import { redactFields } from './fields'
import type { FieldRules } from './rules'

const parse = (text: string): Json | undefined => {
  try {
    return isTooDeep(text) ? undefined : parseJson(text)
  } catch {
    return undefined
  }
}

/** Redacts the text of a body. Text that cannot be parsed is returned unchanged. */
export const redactText = (text: string, rules: FieldRules | undefined): string => {
  const value = rules && parse(text)
  return rules && value !== undefined ? stringifyJson(redactFields(value, rules)) : text
}

/** Redacts a decoded batch. */
export const redactBatch = <B extends CheckedBatch>(
  checked: B,
  rules: FieldRules | undefined
): B => {
  if (!rules) return checked
  const batch = redactFields(checked.batch, rules)
  if (!isObject(batch)) return checked
  const events = Array.isArray(batch.events) ? batch.events.filter(isEvent) : checked.events
  const notifications = checked.notifications?.map((change) => redactFields(change, rules))
  return { ...checked, batch, events, ...(notifications ? { notifications } : {}) }
}

/**
 * Whether rules apply to a payload at all: only to JSON objects and lists. Anything else may hold
 * what should have been redacted.
 */
export const isRedactable = (payload: string): boolean => {
  const value = parse(payload)
  return isObject(value) || Array.isArray(value)
}
