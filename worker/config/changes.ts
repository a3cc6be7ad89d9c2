import { isObject } from '../base/json'
import { isSealed } from './seal'
import { masked } from './secrets'
import { collections, type WorkspaceFile } from './workspace-file'

/** One value in which two workspaces differ: `outputs.lake.settings.aws_region`. */
export type Change =
  | { path: string; kind: 'added'; after: unknown }
  | { path: string; kind: 'removed'; before: unknown }
  | { path: string; kind: 'changed'; before: unknown; after: unknown }

// What an integration says of itself is nobody's to change.
const isFact = (key: string): boolean => key !== 'registration'

const idOf = (entry: unknown): string | undefined => {
  const id = isObject(entry) ? (entry.access_key_id ?? entry.id) : undefined
  return typeof id === 'string' ? id : undefined
}

/** The parts of a value by their names; undefined when it is compared whole, as most lists are. */
const partsOf = (value: unknown): [string, unknown][] | undefined => {
  if (isObject(value)) return Object.entries(value).filter(([key]) => isFact(key))
  if (!Array.isArray(value) || value.length === 0) return undefined
  const entries = value.map((one): [string, unknown] => [idOf(one) ?? '', one])
  const ids = new Set(entries.map(([id]) => id))
  return ids.has('') || ids.size < entries.length ? undefined : entries
}

const facts = (file: WorkspaceFile): Map<string, unknown> => {
  const found = new Map<string, unknown>()
  const add = (path: string, value: unknown): void => {
    const parts = partsOf(value)
    if (!parts) found.set(path, value)
    for (const [key, one] of parts ?? []) add(`${path}.${key}`, one)
  }
  // Earlier versions of the file had no audiences.
  for (const name of collections) for (const one of file[name] ?? []) add(`${name}.${one.id}`, one)
  return found
}

const shown = (value: unknown): unknown => {
  if (isSealed(value)) return masked
  if (Array.isArray(value)) return value.map(shown)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(one)]))
}

/**
 * What differs in `after`, by path, items by their ids. Of secrets it tells that they differ, never
 * what they are: those that are masked on either side say only whether they are set, and sealed ones
 * must be sealed under the same key.
 */
export const compareWorkspaces = (before: WorkspaceFile, after: WorkspaceFile): Change[] => {
  const [old, fresh] = [facts(before), facts(after)]
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  return paths.flatMap((path): Change[] => {
    const [was, is] = [old.get(path), fresh.get(path)]
    if (!old.has(path)) return [{ path, kind: 'added', after: shown(is) }]
    if (!fresh.has(path)) return [{ path, kind: 'removed', before: shown(was) }]
    if (JSON.stringify(was) === JSON.stringify(is)) return []
    return [{ path, kind: 'changed', before: shown(was), after: shown(is) }]
  })
}
