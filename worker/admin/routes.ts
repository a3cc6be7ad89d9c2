import { Hono } from 'hono'
import { pathBelowBase } from '../config/base-path'
import { type Bindings, objectsOf } from '../config/deployment'
import { maskSecrets } from '../config/secrets'
import { readStored } from '../config/snapshot'
import { type Collection, type Connection, collections } from '../config/workspace-file'
import { directoryShards } from '../directory/directory'
import { failure, log } from '../log'
import { outputKinds } from '../outputs'
import { problem, RequestError } from '../problem'
import { type AdminContext, type AdminEnv, notFound, readJson } from './answers'
import { wholeWalk } from './audience-walk'
import { audienceRoutes } from './audiences'
import { requireAdmin } from './auth'
import { deadLetterRoutes } from './dead-letters'
import { erasureRoutes } from './erasures'
import { itemUsers } from './item-users'
import { type SaveOptions, saveWorkspace } from './save'
import { type ConnectionStatus, connectionStatus, outboxesOf } from './shards'

export const admin = new Hono<AdminEnv>({ getPath: pathBelowBase }).basePath('/admin/v1')

admin.onError((error, context) => {
  if (error instanceof RequestError) {
    for (const [name, value] of Object.entries(error.headers)) context.header(name, value)
    return context.json({ errors: error.problems }, error.status)
  }
  log('error', 'A request of the admin API failed.', { path: context.req.path, ...failure(error) })
  const message = 'The request failed. The log has the reason.'
  return context.json({ errors: [problem('internal', '', message)] }, 500)
})

admin.notFound((context) =>
  context.json({ errors: [problem('not_found', '', 'There is nothing at this path.')] }, 404)
)

admin.use('*', requireAdmin)

const saveOptions = ({ req }: AdminContext): SaveOptions => ({
  verify: req.query('verify') !== 'false',
  discard: req.query('discard') === 'true',
})

admin.get('/output-kinds', (context) =>
  context.json({
    output_kinds: Object.entries(outputKinds).map(([id, kind]) => ({
      id,
      label: kind.label,
      configuration_settings: kind.configuration,
      connection_settings: kind.connection,
      audience_connection_settings: kind.triggers,
    })),
  })
)

admin.get('/workspace', async (context) => {
  const { version, file } = await readStored(context.env)
  return context.json({ version, workspace: await maskSecrets(file) })
})

admin.put('/workspace', async (context) => {
  const { env } = context
  const given = await readJson(context)
  const stored = await readStored(env)
  const saved = await saveWorkspace(env, stored, given, saveOptions(context))
  return context.json({ version: saved.version, workspace: await maskSecrets(saved.file) })
})

admin.get('/rejected', async ({ env, req, json }) => {
  const limit = Math.min(Number(req.query('limit')) || 50, 200)
  const before = Number(req.query('before')) || Number.MAX_SAFE_INTEGER
  return json(await objectsOf(env).WORKSPACE.getByName('workspace').rejected(limit, before))
})

admin.get('/profiles', async ({ env, json }) => {
  const counts = await Promise.all(
    directoryShards().map((shard) => objectsOf(env).DIRECTORY.getByName(shard).count())
  )
  return json({ count: counts.reduce((sum, count) => sum + count, 0) })
})

admin.get('/profiles/:mpid', async ({ env, req, body }) => {
  const mpid = req.param('mpid')
  const profile = await objectsOf(env).PROFILE.getByName(mpid).describe()
  if (!profile) throw notFound('profiles', mpid)
  return body(profile, 200, { 'content-type': 'application/json' })
})

const findConnection = async (env: Bindings, id: string): Promise<Connection> => {
  const { file } = await readStored(env)
  const connection = file.connections.find((one) => one.id === id)
  if (!connection) throw notFound('connections', id)
  return connection
}

const statusOf = async (
  env: Bindings,
  version: number,
  connections: Connection[]
): Promise<ConnectionStatus[]> => {
  const isOfAudiences = connections.some((one) => one.audiences !== undefined)
  const walk = isOfAudiences ? await wholeWalk(env, version) : undefined
  return Promise.all(connections.map((one) => connectionStatus(env, one, walk)))
}

admin.get('/status', async ({ env, json }) => {
  const { version, file } = await readStored(env)
  return json({ connections: await statusOf(env, version, file.connections) })
})

admin.get('/connections/:id/status', async ({ env, req, json }) => {
  const { version, file } = await readStored(env)
  const connections = file.connections.filter((one) => one.id === req.param('id'))
  const [status] = await statusOf(env, version, connections)
  if (!status) throw notFound('connections', req.param('id'))
  return json(status)
})

admin.post('/connections/:id/retry', async ({ env, req, json }) => {
  const connection = await findConnection(env, req.param('id'))
  const { version } = await readStored(env)
  await Promise.all(outboxesOf(env, connection).map((outbox) => outbox.wake(version)))
  return json({ id: connection.id }, 202)
})

admin.route('/', deadLetterRoutes(findConnection))
admin.route('/', audienceRoutes)
admin.route('/', erasureRoutes)

const readCollection = (name: string): Collection => {
  const known = collections.find((one) => one === name)
  if (!known)
    throw new RequestError(404, [problem('not_found', name, `There is nothing at ${name}.`)])
  return known
}

admin.get('/:collection', async ({ env, req, json }) => {
  const name = readCollection(req.param('collection'))
  const { file } = await readStored(env)
  return json({ [name]: (await maskSecrets(file))[name] })
})

admin.get('/:collection/:id', async ({ env, req, json }) => {
  const [name, id] = [readCollection(req.param('collection')), req.param('id')]
  const { file } = await readStored(env)
  const found = (await maskSecrets(file))[name].find((one) => one.id === id)
  if (!found) throw notFound(name, id)
  return json(found)
})

admin.put('/:collection/:id', async (context) => {
  const { env, req } = context
  const [name, id] = [readCollection(req.param('collection')), req.param('id')]
  const given = await readJson(context)
  const stored = await readStored(env)
  const before: { id: string }[] = stored.file[name]
  const item = { ...(typeof given === 'object' ? given : {}), id }
  const isNew = !before.some((one) => one.id === id)
  const items = isNew ? [...before, item] : before.map((one) => (one.id === id ? item : one))
  const file = { ...stored.file, [name]: items }
  const saved = await saveWorkspace(env, stored, file, saveOptions(context))
  const masked = (await maskSecrets(saved.file))[name].find((one) => one.id === id)
  return context.json(masked, isNew ? 201 : 200)
})

admin.delete('/:collection/:id', async (context) => {
  const { env, req } = context
  const [name, id] = [readCollection(req.param('collection')), req.param('id')]
  const stored = await readStored(env)
  const before: { id: string }[] = stored.file[name]
  if (!before.some((one) => one.id === id)) throw notFound(name, id)
  const users = itemUsers(stored.file, name, id)
  if (users !== '') {
    const message = `${id} is used by the ${users}.`
    throw new RequestError(409, [problem('in_use', `${name}.${id}`, message)])
  }
  const file = { ...stored.file, [name]: before.filter((one) => one.id !== id) }
  await saveWorkspace(env, stored, file, saveOptions(context))
  return context.body(null, 204)
})
