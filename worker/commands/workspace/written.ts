import { isObject } from '../../base/json'
import { masked } from '../../config/secrets'
import { collections, type WorkspaceFile } from '../../config/workspace-file'
import { outputKinds } from '../../outputs'
import { type Environment, escaped, fillIn, hasPlaceholder, isSecretPath } from './placeholders'

const itemKeys = [
  'id',
  'name',
  'kind',
  'platform',
  'key',
  'secret',
  'input',
  'output',
  'enabled',
  'shards',
  'allowed_origins',
  'app_name',
  'app_id',
  'access_keys',
  'firehose',
  'token',
  'module_name',
  'access_key_id',
  'secret_access_key',
  'settings',
]

// In the order of the settings tables.
const settingKeys = Object.values(outputKinds).flatMap(({ configuration, connection }) => [
  ...Object.keys(configuration),
  ...Object.keys(connection),
])

/**
 * Turns a workspace from the admin API into a workspace file: secrets become `${NAME}`, and
 * placeholders of the file before are kept unless their values differ now.
 */
export const writtenWorkspace = (
  workspace: WorkspaceFile,
  before: unknown,
  environment: Environment
): Record<string, unknown> => {
  // New names must not collide with those already in the file.
  const secretNames = new Set(fillIn(before, {}).missing.keys())
  const nameSecret = (id: string, path: string): string => {
    const setting = path.split('.').at(-1)
    let name = `${id}_${setting}`.toUpperCase().replace(/[^A-Z0-9_]/g, '_')
    if (/^\d/.test(name)) name = `_${name}`
    while (secretNames.has(name)) name += '_2'
    secretNames.add(name)
    return `\${${name}}`
  }
  const write = (value: unknown, old: unknown, path: string, id: string): unknown => {
    if (Array.isArray(value)) {
      return value.map((entry, i) => write(entry, oldEntry(old, entry, i), path, id))
    }
    if (isObject(value)) {
      const entries = Object.entries(value).map(([key, field]): [string, unknown] => [
        key,
        write(field, isObject(old) ? old[key] : undefined, `${path}.${key}`, id),
      ])
      return ordered(entries, path.endsWith('.settings') ? settingKeys : itemKeys)
    }
    if (typeof value !== 'string') return value
    if (value === masked && isSecretPath(path)) return keptSecret(old) ?? nameSecret(id, path)
    return keptPlaceholder(old, value, environment) ?? escaped(value)
  }
  const written = (name: (typeof collections)[number]) =>
    workspace[name].map((item, i) =>
      write(writableFields(item), oldItem(before, name, item.id), `${name}.${i}`, item.id)
    )
  return Object.fromEntries(collections.map((name) => [name, written(name)]))
}

const oldItem = (before: unknown, collection: string, id: string): unknown => {
  const items = isObject(before) ? before[collection] : undefined
  return Array.isArray(items) ? items.find((item) => isObject(item) && item.id === id) : undefined
}

// Access keys are matched by their ids, entries of other lists by their positions.
const oldEntry = (old: unknown, entry: unknown, index: number): unknown => {
  if (!Array.isArray(old)) return undefined
  const keyId = isObject(entry) ? entry.access_key_id : undefined
  if (keyId === undefined) return old[index]
  return old.find((entry) => isObject(entry) && entry.access_key_id === keyId)
}

// The admin API never returns secrets, so a secret in the file may be the only copy.
const keptSecret = (old: unknown): string | undefined =>
  typeof old === 'string' && old !== '' && old !== masked ? old : undefined

const keptPlaceholder = (
  old: unknown,
  value: string,
  environment: Environment
): string | undefined => {
  if (typeof old !== 'string' || !hasPlaceholder(old)) return undefined
  const filled = fillIn(old, environment)
  return filled.missing.size > 0 || filled.value === value ? old : undefined
}

// Registrations are fetched from integrations, never written by people.
const writableFields = (item: object): object =>
  Object.fromEntries(
    Object.entries(item).filter(
      ([key, value]) => key !== 'registration' && (key !== 'name' || value !== '')
    )
  )

const ordered = (entries: [string, unknown][], order: string[]): Record<string, unknown> => {
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length)
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b)))
}
