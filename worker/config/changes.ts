import { isObject } from '../base/json'
import { isSealed } from './seal'
import { masked } from './secrets'
import { collections, type WorkspaceFile } from './workspace-file'

/**
 * A value that differs between two workspaces. Its path is like `outputs.lake.settings.aws_region`.
 */
export type Change =
  | { path: string; kind: 'added'; after: unknown }
  | { path: string; kind: 'removed'; before: unknown }
  | { path: string; kind: 'changed'; before: unknown; after: unknown }

// Registrations come from integrations; users do not change them.
const isCompared = (key: string): boolean => key !== 'registration'

const idOf = (entry: unknown): string | undefined => {
  const id = isObject(entry) ? (entry.access_key_id ?? entry.id) : undefined
  return typeof id === 'string' ? id : undefined
}

/**
 * The parts of an object, or of a list whose items have ids; undefined for what is compared whole.
 */
const partsOf = (value: unknown): [string, unknown][] | undefined => {
  if (isObject(value)) return Object.entries(value).filter(([key]) => isCompared(key))
  if (!Array.isArray(value) || value.length === 0) return undefined
  const entries = value.map((item): [string, unknown] => [idOf(item) ?? '', item])
  const ids = new Set(entries.map(([id]) => id))
  return ids.has('') || ids.size < entries.length ? undefined : entries
}

/** All values of a workspace, by path. */
const valuesByPath = (file: WorkspaceFile): Map<string, unknown> => {
  const values = new Map<string, unknown>()
  const add = (path: string, value: unknown): void => {
    const parts = partsOf(value)
    if (!parts) values.set(path, value)
    for (const [key, part] of parts ?? []) add(`${path}.${key}`, part)
  }
  for (const name of collections) {
    // Earlier versions of the file had no audiences.
    for (const item of file[name] ?? []) add(`${name}.${item.id}`, item)
  }
  return values
}

const maskValue = (value: unknown): unknown => {
  if (isSealed(value)) return masked
  if (Array.isArray(value)) return value.map(maskValue)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, maskValue(part)]))
}

/**
 * The differences between two workspaces, sorted by path; items are matched by id. Secrets are
 * masked. A secret that is masked on either side differs only in whether it is set; sealed secrets
 * must be sealed with the same key to be compared.
 */
export const compareWorkspaces = (before: WorkspaceFile, after: WorkspaceFile): Change[] => {
  const [oldValues, newValues] = [valuesByPath(before), valuesByPath(after)]
  const paths = [...new Set([...oldValues.keys(), ...newValues.keys()])].sort()
  return paths.flatMap((path): Change[] => {
    const [oldValue, newValue] = [oldValues.get(path), newValues.get(path)]
    if (!oldValues.has(path)) return [{ path, kind: 'added', after: maskValue(newValue) }]
    if (!newValues.has(path)) return [{ path, kind: 'removed', before: maskValue(oldValue) }]
    if (JSON.stringify(oldValue) === JSON.stringify(newValue)) return []
    return [{ path, kind: 'changed', before: maskValue(oldValue), after: maskValue(newValue) }]
  })
}
