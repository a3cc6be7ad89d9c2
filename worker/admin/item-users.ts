import { referencedAudiences } from '../audiences/compile'
import type { Collection, WorkspaceFile } from '../config/workspace-file'

/** What names an item, so that it cannot be deleted, in words; '' when nothing does. */
export const itemUsers = (file: WorkspaceFile, name: Collection, id: string): string => {
  const connections = file.connections.filter(
    (one) =>
      (name === 'inputs' && one.input === id) ||
      (name === 'outputs' && one.output === id) ||
      (name === 'audiences' && one.audiences?.includes(id))
  )
  const audiences =
    name === 'audiences'
      ? file.audiences.filter(({ rule }) => rule && referencedAudiences(rule).includes(id))
      : []
  return [listed('connections', connections), listed('audiences', audiences)]
    .filter((text) => text !== '')
    .join(' and the ')
}

const listed = (name: Collection, items: { id: string }[]): string =>
  items.length === 0 ? '' : `${name} ${items.map((one) => one.id).join(', ')}`
