import { Hono } from 'hono'
import { openOAuthConfig } from '../../authorizations/output-config'
import { type Bindings, configKeys, objectsOf } from '../../config/deployment'
import type { SealedUnder } from '../../config/seal'
import { resealSecrets, secretsByKey } from '../../config/secrets'
import { readStored, type StoredWorkspace } from '../../config/snapshot'
import { emptyWorkspace, type Output } from '../../config/workspace-file'
import { outboxesOf } from '../../outbox/shards'
import { isIntegration } from '../../outputs'
import type { Rotation } from '../answers/workspace'
import type { AdminEnv } from '../request'
import { storeNext } from './save'

type Counts = Record<SealedUnder, number>

const authorizationOf = (env: Bindings, { id }: Output) =>
  objectsOf(env).AUTHORIZATION.getByName(id)

const sum = (all: Counts[]): Counts =>
  all.reduce(
    (total, counts) => ({
      current: total.current + counts.current,
      previous: total.previous + counts.previous,
      lost: total.lost + counts.lost,
    }),
    { current: 0, previous: 0, lost: 0 }
  )

const ofOutputs = async (
  { file }: StoredWorkspace,
  count: (output: Output) => Promise<Counts>
): Promise<Counts> => sum(await Promise.all(file.outputs.filter(isIntegration).map(count)))

const ofAudiences = async (
  env: Bindings,
  { file }: StoredWorkspace,
  isRotating: boolean
): Promise<Counts> => {
  const integrations = file.outputs.filter(isIntegration).map(({ id }) => id)
  const fed = file.connections.filter(
    ({ audiences, output }) => audiences && integrations.includes(output)
  )
  const outboxes = fed.flatMap((connection) => outboxesOf(env, connection))
  return sum(await Promise.all(outboxes.map((outbox) => outbox.countSeals(isRotating))))
}

const rotationOf = async (
  env: Bindings,
  stored: StoredWorkspace,
  { authorizations, subscriptions }: Pick<Rotation, 'authorizations' | 'subscriptions'>
): Promise<Rotation> => {
  const { current, previous, lost } = await secretsByKey(stored.file, configKeys(env))
  const counts = { current: current.length, previous: previous.length, lost: lost.length }
  return { version: stored.version, workspace: counts, authorizations, subscriptions, lost }
}

// Tokens of outputs with lost secrets cannot be rotated, only counted.
const rotateTokens = async (env: Bindings, output: Output): Promise<Counts> => {
  const authorization = authorizationOf(env, output)
  const { lost } = await secretsByKey({ ...emptyWorkspace(), outputs: [output] }, configKeys(env))
  if (lost.length > 0) return authorization.countSeals()
  return authorization.rotate(await openOAuthConfig(output, configKeys(env)))
}

// Connections do not change, so none is verified and no outbox is notified.
const storeResealed = async (
  env: Bindings,
  stored: StoredWorkspace,
  by: string
): Promise<StoredWorkspace> => {
  const file = await resealSecrets(stored.file, configKeys(env))
  return storeNext(env, stored, { file, by, note: 'rotate' })
}

export const rotationRoutes = new Hono<AdminEnv>()

/** Counts secrets that still need `CONFIG_KEY_PREVIOUS`, without earlier versions of the workspace. */
rotationRoutes.get('/rotate', async ({ env, json }) => {
  const stored = await readStored(env)
  const authorizations = await ofOutputs(stored, (output) =>
    authorizationOf(env, output).countSeals()
  )
  const subscriptions = await ofAudiences(env, stored, false)
  return json(await rotationOf(env, stored, { authorizations, subscriptions }))
})

/** Seals under `CONFIG_KEY` all secrets that are sealed under `CONFIG_KEY_PREVIOUS`. */
rotationRoutes.post('/rotate', async (context) => {
  const { env } = context
  const stored = await readStored(env)
  const { previous } = await secretsByKey(stored.file, configKeys(env))
  const saved =
    previous.length === 0 ? stored : await storeResealed(env, stored, context.get('who'))
  const authorizations = await ofOutputs(saved, (output) => rotateTokens(env, output))
  const subscriptions = await ofAudiences(env, saved, true)
  return context.json(await rotationOf(env, saved, { authorizations, subscriptions }))
})
