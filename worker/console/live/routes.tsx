import { Hono } from 'hono'
import { objectsOf } from '../../config/deployment'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { readItems } from '../forms/saving'
import { LivePage } from './page'

export const liveRoutes = new Hono<ConsoleEnv>()

liveRoutes.get('/', async (context) => {
  const inputs = await readItems(context, 'inputs')
  const { input, type, mpid } = context.req.query()
  return context.html(
    <LivePage
      session={context.var.session}
      inputs={inputs.map(({ id }) => id)}
      chosen={{ input, type, mpid }}
    />
  )
})

// Browsers let any site open a WebSocket here, but send its origin.
const isSameOrigin = ({ req }: ConsoleContext): boolean =>
  req.header('origin') === new URL(req.url).origin

/** Opens the WebSocket of a live page. No header can be added to its answer. */
export const openStream = (context: ConsoleContext): Response | Promise<Response> => {
  if (context.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return context.text('Open a WebSocket here.', 426)
  }
  if (!isSameOrigin(context)) return context.text('Open it from the page of this console.', 403)
  return objectsOf(context.env).LIVE.getByName('live').fetch(context.req.raw)
}
