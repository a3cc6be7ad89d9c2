import { type Handler, Hono } from 'hono'
import { admin } from './admin/routes'
import { authorizationCallback } from './authorizations/callback'
import { failure, log } from './base/log'
import { problem, RequestError } from './base/problem'
import { routeOf } from './base/route'
import { fileBelowBase, pathBelowBase } from './config/base-path'
import type { Bindings } from './config/deployment'
import { consolePages } from './console/routes'
import { corsHeaders } from './inputs/cors'
import { inputs } from './inputs/routes'

export { Authorization } from './authorizations/authorization'
export { Workspace } from './config/workspace'
export { Live } from './live/live'
export { Outbox } from './outbox/outbox'
export { Directory } from './partitions/directory/directory'
export { Profile } from './partitions/profile'
export { RateLimit } from './rates/rate-limit'

const app = new Hono<{ Bindings: Bindings }>({ getPath: pathBelowBase })

app.get('/health', (context) => context.json({ status: 'ok' }))
app.route('/', inputs)
app.route('/', authorizationCallback)
// Separate apps, so that their many routes do not slow down matching the few of the inputs.
app.all('/admin/*', ({ req, env, executionCtx }) => admin.fetch(req.raw, env, executionCtx))
const callConsole: Handler<{ Bindings: Bindings }> = ({ req, env, executionCtx }) =>
  consolePages.fetch(req.raw, env, executionCtx)
app.all('/console', callConsole)
app.all('/console/*', callConsole)

app.notFound(async (context) => {
  const file = await fileBelowBase(context.req.raw, context.env)
  const notFound = problem('not_found', '', 'There is nothing at this path.')
  return file ?? context.json({ errors: [notFound] }, 404)
})

app.onError((error, context) => {
  for (const [name, value] of Object.entries(corsHeaders())) context.header(name, value)
  if (error instanceof RequestError) {
    for (const [name, value] of Object.entries(error.headers)) context.header(name, value)
    return context.json({ errors: error.problems }, error.status)
  }
  log('error', 'An upload failed.', { route: routeOf(context), ...failure(error) })
  // On 503 clients keep the batch and send it again.
  const message = 'The batch could not be stored. Send it again.'
  return context.json({ errors: [problem('unavailable', '', message)] }, 503)
})

export default app satisfies ExportedHandler<Bindings>
