import { Hono } from 'hono'
import type { Problem } from '../../base/problem'
import type { Connection } from '../../config/workspace-file'
import { callAdmin, problemsOf } from '../api'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { DeletePage } from '../forms/delete-page'
import { sentBy } from '../forms/read-form'
import { readConnection } from './read-parts'
import { showConnection } from './show'

/** Actions on a connection: enable, disable, retry, resume, delete. */
export const actionRoutes = new Hono<ConsoleEnv>()

const adminPath = ({ id }: Connection): string => `/connections/${encodeURIComponent(id)}`

const placeOf = ({ var: { session } }: ConsoleContext, { id }: Connection): string =>
  `${session.root}/connections/${id}`

for (const [action, enabled, done] of [
  ['enable', true, 'enabled'],
  ['disable', false, 'disabled'],
] as const) {
  actionRoutes.post(`/:id/${action}`, async (context) => {
    const connection = await readConnection(context)
    const next = { ...connection, enabled }
    const problems = problemsOf(await callAdmin(context, 'PUT', adminPath(connection), next))
    if (problems.length > 0) return showConnection(context, connection, problems)
    return context.redirect(`${placeOf(context, connection)}?done=${done}`, 303)
  })
}

for (const [action, done] of [
  ['retry', 'retried'],
  ['resume', 'resumed'],
] as const) {
  actionRoutes.post(`/:id/${action}`, async (context) => {
    const connection = await readConnection(context)
    const answer = await callAdmin(context, 'POST', `${adminPath(connection)}/${action}`)
    const problems = problemsOf(answer)
    if (problems.length > 0) return showConnection(context, connection, problems)
    return context.redirect(`${placeOf(context, connection)}?done=${done}`, 303)
  })
}

const deletePage = (context: ConsoleContext, connection: Connection, problems: Problem[]) => {
  const { session } = context.var
  const shown = { active: 'connections', session, id: connection.id, problems } as const
  return context.html(
    <DeletePage {...shown} back={placeOf(context, connection)}>
      <p>{`It sends nothing more to ${connection.output}. What was delivered stays there.`}</p>
    </DeletePage>,
    problems.length === 0 ? 200 : 409
  )
}

actionRoutes.get('/:id/delete', async (context) =>
  deletePage(context, await readConnection(context), [])
)

actionRoutes.post('/:id/delete', async (context) => {
  const connection = await readConnection(context)
  const isDiscarding = (await sentBy(context.req.raw)).discard !== undefined
  const path = `${adminPath(connection)}${isDiscarding ? '?discard=true' : ''}`
  const problems = problemsOf(await callAdmin(context, 'DELETE', path))
  if (problems.length > 0) return deletePage(context, connection, problems)
  return context.redirect(`${context.var.session.root}/connections?done=deleted`, 303)
})
