import { masked } from '../../config/secrets'
import { collections, type WorkspaceFile } from '../../config/workspace-file'
import { isObject } from '../../json'

/** The values of a workspace by their paths, items by their ids: `outputs.lake.settings.aws_region`. */
const facts = (file: WorkspaceFile): Map<string, string> => {
  const found = new Map<string, string>()
  const add = (path: string, value: unknown): void => {
    if (!isObject(value)) {
      found.set(path, value === masked ? 'set' : JSON.stringify(value))
      return
    }
    for (const [key, one] of Object.entries(value)) add(`${path}.${key}`, one)
  }
  for (const name of collections) for (const one of file[name]) add(`${name}.${one.id}`, one)
  return found
}

/**
 * What saving `next` over `now` would change, one line each: `+` added, `-` removed, `~` changed.
 * Both are masked, so of secrets it only shows which are set.
 */
export const compareWorkspaces = (now: WorkspaceFile, next: WorkspaceFile): string[] => {
  const [before, after] = [facts(now), facts(next)]
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  return paths.flatMap((path) => {
    const [old, fresh] = [before.get(path), after.get(path)]
    if (old === fresh) return []
    if (old === undefined) return `+ ${path}: ${fresh}`
    if (fresh === undefined) return `- ${path}: ${old}`
    return `~ ${path}: ${old} -> ${fresh}`
  })
}
