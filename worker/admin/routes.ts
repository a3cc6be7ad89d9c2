import { Hono } from 'hono'
import { readInt64 } from '../base/json'
import { failure, log } from '../base/log'
import { problem, RequestError } from '../base/problem'
import { routeOf } from '../base/route'
import { pathBelowBase } from '../config/base-path'
import { type Bindings, objectsOf } from '../config/deployment'
import { maskSecrets } from '../config/secrets'
import { readStored } from '../config/snapshot'
import { type Collection, type Connection, collections } from '../config/workspace-file'
import { outboxesOf } from '../outbox/shards'
import { outputKinds } from '../outputs'
import { directoryShards } from '../partitions/directory/shards'
import { requireAdmin } from './access/auth'
import type { ConnectionStatus, Status } from './answers/connections'
import type { Errors } from './answers/errors'
import type { RejectedPage } from './answers/inputs'
import type { OutputKinds } from './answers/outputs'
import type { ProfileCount } from './answers/profiles'
import type { Id } from './answers/scalars'
import type { VersionedWorkspace } from './answers/workspace'
import { authorizationRoutes } from './authorizations'
import { checkRoutes } from './connections/checks'
import { deadLetterRoutes } from './connections/dead-letters'
import { historyRoutes } from './connections/delivery-history'
import { connectionStatus } from './connections/status'
import { inputStatusRoutes } from './input-status'
import { metricsRoutes } from './metrics/routes'
import { openapiRoutes } from './openapi/routes'
import { type AdminEnv, notFound, readJson, readPage } from './request'
import { audienceRoutes } from './users/audiences'
import { erasureRoutes } from './users/erasures'
import { findingRoutes } from './users/find'
import { wholeWalk } from './workspace/audience-walk'
import { itemUsers } from './workspace/item-users'
import { registrationRoutes } from './workspace/registration-routes'
import { rotationRoutes } from './workspace/rotate'
import { saveOptions, saveWorkspace } from './workspace/save'
import { versionRoutes } from './workspace/versions'

export const admin = new Hono<AdminEnv>({ getPath: pathBelowBase }).basePath('/admin/v1')

admin.onError((error, context) => {
  if (error instanceof RequestError) {
    for (const [name, value] of Object.entries(error.headers)) context.header(name, value)
    return context.json<Errors>({ errors: error.problems }, error.status)
  }
  log('error', 'A request of the admin API failed.', { route: routeOf(context), ...failure(error) })
  const message = 'The request failed. The log has the reason.'
  return context.json<Errors>({ errors: [problem('internal', '', message)] }, 500)
})

admin.notFound((context) =>
  context.json<Errors>(
    { errors: [problem('not_found', '', 'There is nothing at this path.')] },
    404
  )
)

// Answers are confidential, and out of date at once.
admin.use('*', async (context, next) => {
  await next()
  context.header('cache-control', 'no-store')
  context.header('x-content-type-options', 'nosniff')
})
admin.use('*', requireAdmin)

admin.get('/output-kinds', (context) =>
  context.json<OutputKinds>({
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
  return context.json<VersionedWorkspace>({ version, workspace: await maskSecrets(file) })
})

admin.put('/workspace', async (context) => {
  const { env } = context
  const body = await readJson(context)
  const stored = await readStored(env)
  const saved = await saveWorkspace(env, stored, body, saveOptions(context))
  return context.json<VersionedWorkspace>({
    version: saved.version,
    workspace: await maskSecrets(saved.file),
  })
})

admin.get('/rejected', async (context) => {
  const { env, req, json } = context
  const { limit, before } = readPage(context, { limit: 50, most: 200 })
  return json<RejectedPage>(
    await objectsOf(env)
      .WORKSPACE.getByName('workspace')
      .rejected(limit, before, req.query('input'))
  )
})

admin.get('/profiles', async ({ env, json }) => {
  const counts = await Promise.all(
    directoryShards().map((shard) => objectsOf(env).DIRECTORY.getByName(shard).count())
  )
  return json<ProfileCount>({ count: counts.reduce((sum, count) => sum + count, 0) })
})

admin.get('/profiles/:mpid', async ({ env, req, body }) => {
  // Asking for an object creates it, so only mpids may name one.
  const mpid = readInt64(req.param('mpid'))
  const profile = mpid && (await objectsOf(env).PROFILE.getByName(mpid).describe())
  if (!profile) throw notFound('profiles', req.param('mpid'))
  return body(profile, 200, { 'content-type': 'application/json' })
})

const findConnection = async (env: Bindings, id: string): Promise<Connection> => {
  const { file } = await readStored(env)
  const connection = file.connections.find((connection) => connection.id === id)
  if (!connection) throw notFound('connections', id)
  return connection
}

const statusOf = async (
  env: Bindings,
  version: number,
  connections: Connection[]
): Promise<ConnectionStatus[]> => {
  const isOfAudiences = connections.some((connection) => connection.audiences !== undefined)
  const walk = isOfAudiences ? await wholeWalk(env, version) : undefined
  return Promise.all(connections.map((connection) => connectionStatus(env, connection, walk)))
}

admin.get('/status', async ({ env, json }) => {
  const { version, file } = await readStored(env)
  return json<Status>({ connections: await statusOf(env, version, file.connections) })
})

admin.get('/connections/:id/status', async ({ env, req, json }) => {
  const { version, file } = await readStored(env)
  const connections = file.connections.filter((connection) => connection.id === req.param('id'))
  const [status] = await statusOf(env, version, connections)
  if (!status) throw notFound('connections', req.param('id'))
  return json(status)
})

admin.post('/connections/:id/retry', async ({ env, req, json }) => {
  const connection = await findConnection(env, req.param('id'))
  const { version } = await readStored(env)
  await Promise.all(outboxesOf(env, connection).map((outbox) => outbox.wake(version)))
  return json<Id>({ id: connection.id }, 202)
})

/** Resumes a suspended connection, once its integration answers that it is well. */
admin.post('/connections/:id/resume', async ({ env, req, json }) => {
  const connection = await findConnection(env, req.param('id'))
  const { version } = await readStored(env)
  const outcomes = await Promise.all(
    outboxesOf(env, connection).map((outbox) => outbox.resume(version))
  )
  const failed = outcomes.find((outcome) => outcome.kind !== 'delivered')
  if (!failed) return json<Id>({ id: connection.id })
  const reason = 'reason' in failed ? failed.reason : ''
  const message = `The integration did not accept the verification: ${reason}`
  throw new RequestError(422, [problem('verification_failed', '', message)])
})

admin.route('/', deadLetterRoutes(findConnection))
admin.route('/', historyRoutes(findConnection))
admin.route('/', checkRoutes)
admin.route('/', audienceRoutes)
admin.route('/', erasureRoutes)
admin.route('/', findingRoutes)
admin.route('/', inputStatusRoutes)
admin.route('/', registrationRoutes)
admin.route('/', authorizationRoutes)
admin.route('/', versionRoutes)
admin.route('/', rotationRoutes)

admin.route('/', metricsRoutes)
admin.route('/', openapiRoutes)

const readCollection = (name: string): Collection => {
  const known = collections.find((collection) => collection === name)
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
  const found = (await maskSecrets(file))[name].find((item) => item.id === id)
  if (!found) throw notFound(name, id)
  return json(found)
})

admin.put('/:collection/:id', async (context) => {
  const { env, req } = context
  const [name, id] = [readCollection(req.param('collection')), req.param('id')]
  const body = await readJson(context)
  const stored = await readStored(env)
  const before: { id: string }[] = stored.file[name]
  const item = { ...(typeof body === 'object' ? body : {}), id }
  const isNew = !before.some((item) => item.id === id)
  const items = isNew ? [...before, item] : before.map((known) => (known.id === id ? item : known))
  const file = { ...stored.file, [name]: items }
  const saved = await saveWorkspace(env, stored, file, saveOptions(context))
  const masked = (await maskSecrets(saved.file))[name].find((item) => item.id === id)
  return context.json(masked, isNew ? 201 : 200)
})

admin.delete('/:collection/:id', async (context) => {
  const { env, req } = context
  const [name, id] = [readCollection(req.param('collection')), req.param('id')]
  const stored = await readStored(env)
  const before: { id: string }[] = stored.file[name]
  if (!before.some((item) => item.id === id)) throw notFound(name, id)
  const users = itemUsers(stored.file, name, id)
  if (users !== '') {
    const message = `${id} is used by the ${users}.`
    throw new RequestError(409, [problem('in_use', `${name}.${id}`, message)])
  }
  const file = { ...stored.file, [name]: before.filter((item) => item.id !== id) }
  await saveWorkspace(env, stored, file, saveOptions(context))
  return context.body(null, 204)
})
