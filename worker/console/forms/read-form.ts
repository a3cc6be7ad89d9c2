import { isObject } from '../../base/json'
import { masked } from '../../config/secrets'
import { defaultOf, type SettingRow } from '../../settings'
import { type FormField, nameOf } from './form-field'

/** What a form sent: of names that came several times, all values. */
export type Sent = Record<string, string[]>

export const sentBy = async (request: Request): Promise<Sent> => {
  const sent: Sent = {}
  for (const [name, value] of await request.formData()) {
    if (typeof value === 'string') sent[name] = [...(sent[name] ?? []), value]
  }
  return sent
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

// What is no JSON goes on as it is, for the check to name it and for the form to show it again.
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const secretOf = (name: string, { sent, before }: { sent: Sent; before: unknown }): unknown => {
  const text = sent[name]?.[0] ?? ''
  if (text !== '') return text
  return before === masked && sent[`${name}.remove`] === undefined ? masked : undefined
}

// Digits beyond what a number holds stay text, which those who ask for them take as well.
const numberOf = (text: string): unknown => {
  if (text === '' || !Number.isFinite(Number(text))) return text === '' ? undefined : text
  const isExact = !Number.isInteger(Number(text)) || Number.isSafeInteger(Number(text))
  return isExact ? Number(text) : text
}

const listOf = (row: SettingRow & { type: 'list' }, texts: string[]): string[] | undefined => {
  const list = row.choices ? texts : linesOf(texts[0] ?? '')
  return list.length === 0 ? undefined : list
}

const sentValue = (field: FormField, sent: Sent, before: unknown): unknown => {
  const { row } = field
  const name = nameOf(field)
  const text = (sent[name]?.[0] ?? '').trim()
  switch (row.type) {
    case 'secret':
      return secretOf(name, { sent, before })
    case 'switch':
      return sent[name] !== undefined
    case 'number':
      return numberOf(text)
    case 'list':
      return listOf(row, sent[name] ?? [])
    case 'values':
      return text === '' ? undefined : jsonOf(text)
    default:
      return text === '' ? undefined : text
  }
}

export const valueAt = (item: unknown, path: string[]): unknown =>
  path.reduce<unknown>(
    (at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined),
    item
  )

type Item = Record<string, unknown>

/** An item with one value put in, or taken out when it is undefined. */
export const withValue = (item: Item, path: string[], value: unknown): Item => {
  const [name, ...rest] = path
  if (name === undefined) return item
  const { [name]: within, ...others } = item
  if (rest.length === 0) return value === undefined ? others : { ...item, [name]: value }
  const inner = withValue(isObject(within) ? within : {}, rest, value)
  // A group of which nothing is left is as if it had not been.
  return Object.keys(inner).length === 0 ? others : { ...item, [name]: inner }
}

/**
 * An item as a form leaves it: its fields put into what was stored. What has its default and did
 * not stand there is left out, as in a file that a person wrote.
 */
export const readForm = (fields: FormField[], sent: Sent, before: Item): Item =>
  fields.reduce((item, field) => {
    const stored = valueAt(before, field.path)
    const value = sentValue(field, sent, stored)
    const isDefault = stored === undefined && value === defaultOf(field.row)
    return withValue(item, field.path, isDefault ? undefined : value)
  }, before)
