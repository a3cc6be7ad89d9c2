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

// Settings stand in the order of their documents.
const settingKeys = Object.values(outputKinds).flatMap(({ configuration, connection }) => [
  ...Object.keys(configuration),
  ...Object.keys(connection),
])

/**
 * A workspace as the admin API tells it, in the form of a workspace file: secrets as `${NAME}`, and
 * the placeholders that the file had before, unless they have come to mean something else.
 */
export const writtenWorkspace = (
  told: WorkspaceFile,
  before: unknown,
  environment: Environment
): Record<string, unknown> => {
  // A name that the file has is somebody else's.
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
      return value.map((one, i) => write(one, oldEntry(old, one, i), path, id))
    }
    if (isObject(value)) {
      const entries = Object.entries(value).map(([key, one]): [string, unknown] => [
        key,
        write(one, isObject(old) ? old[key] : undefined, `${path}.${key}`, id),
      ])
      return ordered(entries, path.endsWith('.settings') ? settingKeys : itemKeys)
    }
    if (typeof value !== 'string') return value
    if (value === masked && isSecretPath(path)) return keptSecret(old) ?? nameSecret(id, path)
    return keptPlaceholder(old, value, environment) ?? escaped(value)
  }
  // A deployment of an earlier release tells of no alerts.
  const written = (name: (typeof collections)[number]) =>
    (told[name] ?? []).map((item, i) =>
      write(ownFields(item), oldItem(before, name, item.id), `${name}.${i}`, item.id)
    )
  return Object.fromEntries(collections.map((name) => [name, written(name)]))
}

const oldItem = (before: unknown, collection: string, id: string): unknown => {
  const items = isObject(before) ? before[collection] : undefined
  return Array.isArray(items) ? items.find((item) => isObject(item) && item.id === id) : undefined
}

// Keys come and go, so they are known by their ids; other lists by their order.
const oldEntry = (old: unknown, entry: unknown, index: number): unknown => {
  if (!Array.isArray(old)) return undefined
  const keyId = isObject(entry) ? entry.access_key_id : undefined
  if (keyId === undefined) return old[index]
  return old.find((one) => isObject(one) && one.access_key_id === keyId)
}

// The server does not tell secrets, so what the file has may be the only copy.
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

// What an integration says of itself is nobody's to write.
const ownFields = (item: object): object =>
  Object.fromEntries(
    Object.entries(item).filter(
      ([key, value]) => key !== 'registration' && (key !== 'name' || value !== '')
    )
  )

const ordered = (entries: [string, unknown][], order: string[]): Record<string, unknown> => {
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length)
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b)))
}
