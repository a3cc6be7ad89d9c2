import { Hono } from 'hono'
import { authorizingSchema } from '../../admin/answers/outputs'
import type { Problem } from '../../base/problem'
import type { Output } from '../../config/workspace-file'
import { callAdmin, parseAnswer, problemsOf } from '../api'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { DeletePage } from '../forms/delete-page'
import { problemsWithin } from '../forms/saving'
import { ContinuePage } from './authorization'
import { readOutput } from './read-output'
import { showOutput } from './show'

/** Actions on an output: fetch the registration, authorize, delete. */
export const actionRoutes = new Hono<ConsoleEnv>()

const placeOf = ({ var: { session } }: ConsoleContext, { id }: Output): string =>
  `${session.root}/outputs/${id}`

const adminPath = ({ id }: Output): string => `/outputs/${encodeURIComponent(id)}`

actionRoutes.post('/:id/registration', async (context) => {
  const output = await readOutput(context)
  const answer = await callAdmin(context, 'POST', `${adminPath(output)}/registration`)
  const problems = problemsOf(answer)
  if (problems.length > 0) return showOutput(context, output, problems)
  return context.redirect(`${placeOf(context, output)}?done=asked`, 303)
})

actionRoutes.post('/:id/authorization', async (context) => {
  const output = await readOutput(context)
  const answer = await callAdmin(context, 'POST', `${adminPath(output)}/authorization`)
  const problems = problemsOf(answer)
  if (problems.length > 0) return showOutput(context, output, problems)
  const authorization = parseAnswer(authorizingSchema, answer)
  const back = placeOf(context, output)
  if ('status' in authorization) return context.redirect(`${back}?done=authorized`, 303)
  const { session } = context.var
  const url = authorization.authorization_url
  return context.html(<ContinuePage {...{ session, id: output.id, url, back }} />)
})

actionRoutes.post('/:id/authorization/forget', async (context) => {
  const output = await readOutput(context)
  const answer = await callAdmin(context, 'DELETE', `${adminPath(output)}/authorization`)
  const problems = problemsOf(answer)
  if (problems.length > 0) return showOutput(context, output, problems)
  return context.redirect(`${placeOf(context, output)}?done=forgotten`, 303)
})

const deletePage = (context: ConsoleContext, output: Output, problems: Problem[]) => {
  const shown = {
    active: 'outputs',
    session: context.var.session,
    id: output.id,
    problems,
  } as const
  return context.html(
    <DeletePage {...shown} back={placeOf(context, output)}>
      <p>Its credentials are deleted. Delete the connections that use it first.</p>
    </DeletePage>,
    problems.length === 0 ? 200 : 409
  )
}

actionRoutes.get('/:id/delete', async (context) =>
  deletePage(context, await readOutput(context), [])
)

actionRoutes.post('/:id/delete', async (context) => {
  const output = await readOutput(context)
  const answer = await callAdmin(context, 'DELETE', adminPath(output))
  const problems = problemsWithin(answer, { name: 'outputs', id: output.id, index: -1 })
  if (problems.length > 0) return deletePage(context, output, problems)
  return context.redirect(`${context.var.session.root}/outputs?done=deleted`, 303)
})
