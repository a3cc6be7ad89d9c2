import { Hono } from 'hono'
import { isObject } from '../base/json'
import { problem, RequestError } from '../base/problem'
import { type Bindings, deploymentOf, objectsOf, requireSecret } from '../config/deployment'
import { keepSecrets, sealSecrets } from '../config/secrets'
import { readStored } from '../config/snapshot'
import { type Connection, readWorkspaceFile, type WorkspaceFile } from '../config/workspace-file'
import type { Checked } from './answers/connections'
import { withKnownRegistrations, withoutRegistrations } from './registrations'
import { type AdminEnv, readJson } from './request'
import { refuseMoved } from './save'

type Named = { id: string }

const idIn = (value: unknown): string =>
  isObject(value) && typeof value.id === 'string' ? value.id : ''

const putIn = (items: Named[], given: unknown): unknown[] => {
  const id = idIn(given)
  const isKnown = items.some((one) => one.id === id)
  return isKnown ? items.map((one) => (one.id === id ? given : one)) : [...items, given]
}

/** The stored workspace as it would be with what is to be tried, checked whole. */
const readCandidate = async (env: Bindings, given: unknown): Promise<WorkspaceFile> => {
  const stored = (await readStored(env)).file
  const { connection, output } = isObject(given) ? given : {}
  if (!isObject(connection)) {
    const message = 'connection must be an object.'
    throw new RequestError(422, [problem('required', 'connection', message)])
  }
  const connections = putIn(stored.connections, connection)
  const outputs = output === undefined ? stored.outputs : putIn(stored.outputs, output)
  const read = (value: unknown): WorkspaceFile => {
    const result = readWorkspaceFile(value, deploymentOf(env))
    if (result.ok) return result.value
    throw new RequestError(422, result.problems)
  }
  const file = read(withoutRegistrations({ ...stored, connections, outputs }))
  refuseMoved(file, stored)
  const known = withKnownRegistrations(file, stored)
  return sealSecrets(read(await keepSecrets(known, stored)), requireSecret(env, 'CONFIG_KEY'))
}

const tryOut = async (env: Bindings, connection: Connection, file: WorkspaceFile) => {
  const output = file.outputs.find((one) => one.id === connection.output)
  if (!output) return undefined
  const { id, settings, audiences } = connection
  const named = file.audiences.filter((one) => audiences?.includes(one.id))
  // Credentials are opened in outboxes only. This one never holds anything.
  const outbox = objectsOf(env).OUTBOX.getByName(`check:${id}`)
  return outbox.check({
    id,
    output,
    settings,
    isOfAudiences: audiences !== undefined,
    audienceNames: Object.fromEntries(named.map((one) => [one.id, one.name])),
    isThorough: true,
  })
}

export const checkRoutes = new Hono<AdminEnv>()

/**
 * Tries a connection out as it would be, with an output as it would be if one is given: an S3 bucket
 * gets a verification object, a queue and an integration a request without data. Nothing is saved.
 */
checkRoutes.post('/connections/check', async (context) => {
  const given = await readJson(context)
  const file = await readCandidate(context.env, given)
  const id = idIn(isObject(given) ? given.connection : undefined)
  const connection = file.connections.find((one) => one.id === id)
  const outcome = connection && (await tryOut(context.env, connection, file))
  if (outcome?.kind === 'delivered') return context.json<Checked>({ ok: true })
  const reason = outcome && 'reason' in outcome ? outcome.reason : 'nobody could be asked.'
  const index = file.connections.findIndex((one) => one.id === id)
  const message = `The output did not take the verification: ${reason}`
  throw new RequestError(422, [
    problem('verification_failed', `connections.${index}.settings`, message),
  ])
})
