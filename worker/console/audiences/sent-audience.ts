import { isObject, type JsonObject } from '../../base/json'
import { type Problem, problem } from '../../base/problem'
import type { FormField } from '../forms/form-field'
import { type Sent, valueAt, withValue } from '../forms/read-form'
import { audienceFields } from './fields'

type Item = Record<string, unknown>

/** What a form sent, and what stands against even asking what it says. */
export interface SentAudience {
  item: Item
  problems: Problem[]
}

const textIn = (sent: Sent, name: string): string => (sent[name]?.[0] ?? '').trim()

/** A JSON object out of a text area; what is none stays as it was typed, to be mended. */
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
    const why = error instanceof Error ? error.message : ''
    return { value: text, problem: problem('invalid', name, `${name} is not JSON: ${why}`) }
  }
}

const isRule = ({ path }: FormField): boolean => path[0] === 'rule'

/** Reads the form of an audience; fields that it does not have stay as they were stored. */
export const readAudience = (sent: Sent, before: Item): SentAudience => {
  const texts = audienceFields.filter((field) => !isRule(field))
  const item = texts.reduce((made, { path }) => {
    const given = textIn(sent, path.join('.'))
    const isLeft = given === '' && valueAt(before, path) !== ''
    return withValue(made, path, isLeft ? undefined : given)
  }, before)
  const rule = objectIn(sent, 'rule')
  const missing = rule.value === undefined ? [problem('required', 'rule', 'rule is required.')] : []
  return {
    item: withValue({ ...item, rule: undefined }, ['rule'], rule.value),
    problems: rule.problem ? [rule.problem] : missing,
  }
}
