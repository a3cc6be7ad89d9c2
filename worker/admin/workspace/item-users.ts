import { referencedAudiences } from '../../audiences/compile'
import type { Collection, WorkspaceFile } from '../../config/workspace-file'

/** Which connections and audiences refer to an item, for a message; '' when none do. */
export const itemUsers = (file: WorkspaceFile, name: Collection, id: string): string => {
  const connections = file.connections.filter(
    (connection) =>
      (name === 'inputs' && connection.input === id) ||
      (name === 'outputs' && connection.output === id) ||
      (name === 'audiences' && connection.audiences?.includes(id))
  )
  const audiences =
    name === 'audiences'
      ? file.audiences.filter(({ rule }) => rule && referencedAudiences(rule).includes(id))
      : []
  return [namesOf('connections', connections), namesOf('audiences', audiences)]
    .filter((text) => text !== '')
    .join(' and the ')
}

const namesOf = (name: Collection, items: { id: string }[]): string =>
  items.length === 0 ? '' : `${name} ${items.map((item) => item.id).join(', ')}`
