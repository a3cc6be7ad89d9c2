import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { trimTrailingSlash } from 'hono/trailing-slash'
import { fileBelowBase, pathBelowBase } from '../config/base-path'
import { audiencesRoutes } from './audiences/routes'
import { connectionsRoutes } from './connections/routes'
import { deliveriesRoutes } from './deliveries/routes'
import type { ConsoleEnv } from './env'
import { failurePage, showFailure } from './failure'
import { refuseForeign } from './foreign'
import { pageHeaders } from './headers'
import { inputsRoutes } from './inputs/routes'
import { liveRoutes, openStream } from './live/routes'
import { outputsRoutes } from './outputs/routes'
import { overviewRoutes } from './overview/routes'
import { profilesRoutes } from './profiles/routes'
import { rejectedRoutes } from './rejected/routes'
import { signInRoutes } from './sign-in/routes'
import { requireSession } from './sign-in/session'

// Rules of audiences are the longest texts that people enter.
const largestFormBytes = 1_048_576

/** The pages with which people configure and watch a deployment: a client of the admin API. */
export const consolePages = new Hono<ConsoleEnv>({ getPath: pathBelowBase }).basePath('/console')

consolePages.onError(showFailure)

// Scripts and styles, where the asset layer has not answered (below a base path).
consolePages.get('/:file{[a-z-]+\\.(?:js|css|svg)}', async (context) => {
  const file = await fileBelowBase(context.req.raw, context.env)
  return file ?? context.text('There is no such file.', 404)
})

// Before `pageHeaders`: no header can be added to the answer that opens a WebSocket.
consolePages.get('/live/stream', requireSession, openStream)

consolePages.use('*', pageHeaders)
consolePages.use('*', async (context, next) => {
  await next()
  if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
})
consolePages.use('*', csrf())
consolePages.use('*', refuseForeign)
consolePages.use('*', bodyLimit({ maxSize: largestFormBytes }))
consolePages.use('*', trimTrailingSlash())
consolePages.route('/', signInRoutes)
consolePages.use('*', requireSession)

consolePages.route('/', overviewRoutes)
consolePages.route('/inputs', inputsRoutes)
consolePages.route('/outputs', outputsRoutes)
consolePages.route('/connections', connectionsRoutes)
consolePages.route('/audiences', audiencesRoutes)
consolePages.route('/live', liveRoutes)
consolePages.route('/deliveries', deliveriesRoutes)
consolePages.route('/rejected', rejectedRoutes)
consolePages.route('/profiles', profilesRoutes)

consolePages.notFound((context) =>
  failurePage(context, {
    status: 404,
    title: 'Not found',
    messages: ['There is no page at this address.'],
  })
)
