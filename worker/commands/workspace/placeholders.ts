import { inputSettings } from '../../config/input'
import { outputKinds } from '../../outputs'
import { rowAt, secretIds } from '../../settings'

// `$${NAME}` stands for the text `${NAME}` itself.
const placeholder = /\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)\}/g

export type Environment = Record<string, string | undefined>

type ChangeText = (text: string, path: string) => string

/** A copy of a JSON value with each string replaced by `change`. */
export const mapStrings = (value: unknown, change: ChangeText, path = ''): unknown => {
  const below = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`)
  if (typeof value === 'string') return change(value, path)
  if (Array.isArray(value)) return value.map((item, i) => mapStrings(item, change, below(i)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, mapStrings(field, change, below(key))])
  )
}

export interface Filled {
  value: unknown
  /** Names that are not in the environment, with the path where each was first needed. */
  missing: Map<string, string>
}

/** Replaces each `${NAME}` by its value in the environment. An empty value counts as missing. */
export const fillIn = (value: unknown, environment: Environment): Filled => {
  const missing = new Map<string, string>()
  const filled = mapStrings(value, (text, path) =>
    text.replace(placeholder, (whole: string, isEscaped: string, name: string) => {
      if (isEscaped) return whole.slice(1)
      const value = environment[name]
      if (value) return value
      if (!missing.has(name)) missing.set(name, path)
      return whole
    })
  )
  return { value: filled, missing }
}

export const hasPlaceholder = (text: string): boolean => fillIn(text, {}).missing.size > 0

/** Escapes a text so that `fillIn` returns it unchanged. */
export const escaped = (text: string): string => text.replace(placeholder, (whole) => `$${whole}`)

const secretSettings = new Set(
  Object.values(outputKinds).flatMap((kind) => secretIds(kind.configuration))
)

// Only the deployment knows which registered settings are confidential, so all of them may be.
const valueOfConnection =
  /^connections\.\d+\.settings\.(account_settings|audience_subscription_settings)\.[^.]+$/

/** Whether a secret belongs at the path of a workspace file, such as `inputs.0.secret`. */
export const isSecretPath = (path: string): boolean => {
  const [collection, , ...names] = path.split('.')
  const [field, setting = '', ...rest] = names
  if (collection === 'inputs') return rowAt(inputSettings, names)?.type === 'secret'
  if (collection === 'connections') return valueOfConnection.test(path)
  if (collection === 'alerts') return /^alerts\.\d+\.secret$/.test(path)
  return (
    collection === 'outputs' &&
    field === 'settings' &&
    secretSettings.has(setting) &&
    rest.length === 0
  )
}
