import { collectionSchemas } from '../../admin/answers/workspace'
import { type Problem, problem } from '../../base/problem'
import type { Collection, WorkspaceFile } from '../../config/workspace-file'
import { type AdminAnswer, callAdmin, problemsOf, readAdmin } from '../api'
import type { ConsoleContext } from '../env'
import { withinItem } from './problem-paths'
import type { Sent } from './read-form'
import { markOf } from './was'

export type Item = Record<string, unknown> & { id: string }

/** What is configured of one sort, secrets masked. */
export const readItems = async <N extends Collection>(
  context: ConsoleContext,
  name: N
): Promise<WorkspaceFile[N]> =>
  (await readAdmin(context, collectionSchemas[name], `/${name}`))[name]

const queryOf = (sent: Sent): string => {
  const query = new URLSearchParams()
  for (const name of ['verify', 'discard', 'note']) {
    const value = sent[name]?.[0]?.trim() ?? ''
    if (value !== '') query.set(name, value)
  }
  return query.size === 0 ? '' : `?${query}`
}

interface Saving {
  name: Collection
  item: Item
  isNew: boolean
  /** The form's own words for what the query of the admin API says. */
  sent: Sent
}

/** Saves an item by the admin API. The paths of problems within it are those of its fields. */
export const saveItem = async (
  context: ConsoleContext,
  { name, item, isNew, sent }: Saving
): Promise<Problem[]> => {
  const { id } = item
  const known = await readItems(context, name)
  const index = known.findIndex((one) => one.id === id)
  if (id === '') return [problem('required', 'id', 'id is required.')]
  if (isNew && index >= 0) {
    return [problem('duplicate', 'id', `${id} is the id of another of the ${name}.`)]
  }
  const was = sent.was?.[0] ?? ''
  if (was !== '' && was !== markOf(known[index])) {
    const message = `Somebody changed ${id} since you opened this form. Open it again, and repeat your change.`
    return [problem('changed_meanwhile', '', message)]
  }
  const path = `/${name}/${encodeURIComponent(id)}${queryOf(sent)}`
  const answer = await callAdmin(context, 'PUT', path, item)
  return problemsWithin(answer, { name, id, index: index < 0 ? known.length : index })
}

export const problemsWithin = (
  answer: AdminAnswer,
  { name, id, index }: { name: Collection; id: string; index: number }
): Problem[] =>
  withinItem(problemsOf(answer), [{ place: `${name}.${index}` }, { place: `${name}.${id}` }])
