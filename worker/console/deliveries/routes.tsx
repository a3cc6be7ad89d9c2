import { Hono } from 'hono'
import {
  connectionStatusSchema,
  deadLettersSchema,
  historySchema,
  statusSchema,
} from '../../admin/answers/connections'
import { problem, RequestError } from '../../base/problem'
import { callAdmin, problemsOf, readAdmin } from '../api'
import { Done } from '../components/done'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { ConnectionPage } from './connection-page'
import { DeletePage } from './delete-page'
import { ListPage } from './list-page'

export const deliveriesRoutes = new Hono<ConsoleEnv>()

const historyOf = (context: ConsoleContext, id: string) =>
  readAdmin(context, historySchema, `/connections/${encodeURIComponent(id)}/history`)

const statusOf = (context: ConsoleContext, id: string) =>
  readAdmin(context, connectionStatusSchema, `/connections/${encodeURIComponent(id)}/status`)

deliveriesRoutes.get('/', async (context) => {
  const { connections } = await readAdmin(context, statusSchema, '/status')
  const shown = await Promise.all(
    connections.map(async (status) => ({ status, history: await historyOf(context, status.id) }))
  )
  return context.html(
    <ListPage session={context.var.session} connections={shown} now={Date.now()} />
  )
})

deliveriesRoutes.get('/:id', async (context) => {
  const id = context.req.param('id')
  const before = context.req.query('before')
  const query = before === undefined ? '' : `?before=${encodeURIComponent(before)}`
  const letters = `/connections/${encodeURIComponent(id)}/dead-letters${query}`
  return context.html(
    <ConnectionPage
      session={context.var.session}
      status={await statusOf(context, id)}
      history={await historyOf(context, id)}
      letters={await readAdmin(context, deadLettersSchema, letters)}
      isFirst={before === undefined}
      now={Date.now()}
      done={<Done context={context} />}
    />
  )
})

/** Calls the admin API and redirects back to the page of the connection. */
const act = async (
  context: ConsoleContext,
  {
    id,
    method,
    path,
    body,
  }: { id: string; method: 'POST' | 'DELETE'; path: string; body?: unknown },
  done: string
): Promise<Response> => {
  const adminPath = `/connections/${encodeURIComponent(id)}${path}`
  const answer = await callAdmin(context, method, adminPath, body)
  const problems = problemsOf(answer)
  if (problems.length > 0) throw new RequestError(answer.status === 404 ? 404 : 422, problems)
  return context.redirect(`${context.var.session.root}/deliveries/${id}?done=${done}`, 303)
}

deliveriesRoutes.post('/:id/retry', (context) =>
  act(context, { id: context.req.param('id'), method: 'POST', path: '/retry' }, 'retried')
)

/** The dead letters that a form selects: one by its id, or all. */
const selectionIn = async ({ req }: ConsoleContext): Promise<{ all: true } | { ids: string[] }> => {
  const { letter } = await req.parseBody()
  if (typeof letter !== 'string' || letter === '') {
    throw new RequestError(422, [problem('required', 'letter', 'The form names no dead letter.')])
  }
  return letter === 'all' ? { all: true } : { ids: [letter] }
}

deliveriesRoutes.post('/:id/replay', async (context) => {
  const id = context.req.param('id')
  const body = await selectionIn(context)
  return act(context, { id, method: 'POST', path: '/dead-letters/replay', body }, 'replayed')
})

deliveriesRoutes.get('/:id/delete', async (context) => {
  const { id, dead_letters } = await statusOf(context, context.req.param('id'))
  return context.html(
    <DeletePage
      session={context.var.session}
      connection={id}
      letter={context.req.query('letter') ?? 'all'}
      count={dead_letters}
    />
  )
})

deliveriesRoutes.post('/:id/delete', async (context) => {
  const id = context.req.param('id')
  const body = await selectionIn(context)
  return act(context, { id, method: 'DELETE', path: '/dead-letters', body }, 'deleted')
})
