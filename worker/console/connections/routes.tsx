import { Hono } from 'hono'
import { statusSchema } from '../../admin/answers/connections'
import { readAdmin } from '../api'
import type { ConsoleEnv } from '../env'
import { readItems } from '../forms/saving'
import { actionRoutes } from './actions'
import { connectionSections } from './fields'
import { ConnectionForm } from './form-page'
import { ConnectionList } from './list-page'
import { postConnection } from './post'
import { kindOf, readConnection, readParts } from './read-parts'
import { showConnection } from './show'
import { StartPage } from './start-page'

export const connectionsRoutes = new Hono<ConsoleEnv>()

connectionsRoutes.get('/', async (context) => {
  const [connections, { connections: statuses }] = await Promise.all([
    readItems(context, 'connections'),
    readAdmin(context, statusSchema, '/status'),
  ])
  return context.html(<ConnectionList {...{ context, connections, statuses }} />)
})

const sourceOf = (source: string): { input?: string } =>
  source.startsWith('input:') ? { input: source.slice('input:'.length) } : {}

connectionsRoutes.get('/new', async (context) => {
  const parts = await readParts(context)
  const { source, output } = context.req.query()
  const { session } = context.var
  if (!source || !output) return context.html(<StartPage session={session} parts={parts} />)
  const kind = kindOf(parts, output, source === 'audiences')
  const sections = connectionSections(parts, kind, true)
  return context.html(
    <ConnectionForm {...{ context, sections, kind }} item={{ ...sourceOf(source) }} />
  )
})

connectionsRoutes.post('/new', async (context) => {
  const { source, output } = context.req.query()
  const isOfAudiences = source === 'audiences'
  return postConnection(context, { output: output ?? '', isOfAudiences })
})

connectionsRoutes.route('/', actionRoutes)

connectionsRoutes.get('/:id', async (context) =>
  showConnection(context, await readConnection(context))
)

connectionsRoutes.post('/:id', async (context) => {
  const stored = await readConnection(context)
  const isOfAudiences = stored.audiences !== undefined
  return postConnection(context, { output: stored.output, isOfAudiences, stored })
})
