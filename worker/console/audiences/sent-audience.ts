import { isObject, type JsonObject } from '../../base/json'
import { type Problem, problem } from '../../base/problem'
import type { FormField } from '../forms/form-field'
import { type Sent, valueAt, withValue } from '../forms/read-form'
import { audienceFields } from './fields'

type Item = Record<string, unknown>

/** An audience from a form, with the problems of reading it. */
export interface SentAudience {
  item: Item
  problems: Problem[]
}

const textIn = (sent: Sent, name: string): string => (sent[name]?.[0] ?? '').trim()

/** Reads a JSON object from a text area; anything else is returned as it was typed, to be corrected. */
export const objectIn = (
  sent: Sent,
  name: string
): { value: JsonObject | string | undefined; problem?: Problem | undefined } => {
  const text = textIn(sent, name)
  if (text === '') return { value: undefined }
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return { value }
    return { value: text, problem: problem('invalid', name, `${name} must be a JSON object.`) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    return { value: text, problem: problem('invalid', name, `${name} is not JSON: ${reason}`) }
  }
}

const isRule = ({ path }: FormField): boolean => path[0] === 'rule'

/** Reads the form of an audience; fields that the form lacks stay as they are stored. */
export const readAudience = (sent: Sent, before: Item): SentAudience => {
  const texts = audienceFields.filter((field) => !isRule(field))
  const item = texts.reduce((read, { path }) => {
    const text = textIn(sent, path.join('.'))
    const isCleared = text === '' && valueAt(before, path) !== ''
    return withValue(read, path, isCleared ? undefined : text)
  }, before)
  const rule = objectIn(sent, 'rule')
  const missing = rule.value === undefined ? [problem('required', 'rule', 'rule is required.')] : []
  return {
    item: withValue({ ...item, rule: undefined }, ['rule'], rule.value),
    problems: rule.problem ? [rule.problem] : missing,
  }
}
