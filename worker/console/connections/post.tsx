import type { Problem } from '../../base/problem'
import type { Connection } from '../../config/workspace-file'
import { callAdmin } from '../api'
import type { ConsoleContext } from '../env'
import { readForm, sentBy } from '../forms/read-form'
import { type Item, problemsWithin, readItems, saveItem } from '../forms/saving'
import { keepMark } from '../forms/was'
import { connectionSections } from './fields'
import { ConnectionForm } from './form-page'
import { kindOf, readParts } from './read-parts'
import { readStatus } from './show'

interface Posted {
  output: string
  isOfAudiences: boolean
  /** Undefined for a new one. */
  stored?: Connection
}

/** Checks the connection of a form against its output, without saving it. */
const tryOut = async (context: ConsoleContext, connection: Item): Promise<Problem[]> => {
  const known = await readItems(context, 'connections')
  const index = known.findIndex(({ id }) => id === connection.id)
  const answer = await callAdmin(context, 'POST', '/connections/check', { connection })
  const at = index < 0 ? known.length : index
  return problemsWithin(answer, { name: 'connections', id: connection.id, index: at })
}

/** Saves the connection of a form or tries it out, by the button that was pressed. */
export const postConnection = async (context: ConsoleContext, posted: Posted) => {
  const { output, isOfAudiences, stored } = posted
  const parts = await readParts(context)
  const kind = kindOf(parts, output, isOfAudiences)
  const isNew = stored === undefined
  const sections = connectionSections(parts, kind, isNew)
  const sent = await sentBy(context.req.raw)
  keepMark(context, sent)
  const fields = sections.flatMap((section) => section.fields)
  const read = readForm(fields, sent, { ...stored, output })
  const item = { ...read, id: String(read.id ?? '') }
  const isTrying = sent.test !== undefined
  const problems = isTrying
    ? await tryOut(context, item)
    : await saveItem(context, { name: 'connections', item, isNew, sent })
  if (problems.length === 0 && !isTrying) {
    return context.redirect(`${context.var.session.root}/connections/${item.id}?done=saved`, 303)
  }
  const shownStored = stored && { connection: stored, status: await readStatus(context, stored.id) }
  const shown = { context, sections, kind, item, problems, isTried: isTrying, stored: shownStored }
  return context.html(<ConnectionForm {...shown} />, problems.length > 0 ? 422 : 200)
}
