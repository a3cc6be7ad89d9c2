import { Hono } from 'hono'
import { isObject } from '../../base/json'
import { problem, RequestError } from '../../base/problem'
import { type Bindings, deploymentOf, objectsOf, requireSecret } from '../../config/deployment'
import { keepSecrets, sealSecrets } from '../../config/secrets'
import { readStored } from '../../config/snapshot'
import { type Connection, readWorkspaceFile, type WorkspaceFile } from '../../config/workspace-file'
import type { Checked } from '../answers/connections'
import { type AdminEnv, readJson } from '../request'
import { withKnownRegistrations, withoutRegistrations } from '../workspace/registrations'
import { refuseMoved } from '../workspace/save'

type Named = { id: string }

const idIn = (value: unknown): string =>
  isObject(value) && typeof value.id === 'string' ? value.id : ''

const withItem = (items: Named[], candidate: unknown): unknown[] => {
  const id = idIn(candidate)
  const isKnown = items.some((item) => item.id === id)
  return isKnown ? items.map((item) => (item.id === id ? candidate : item)) : [...items, candidate]
}

/** The stored workspace with the connection and output to try, checked as a whole. */
const readCandidate = async (env: Bindings, body: unknown): Promise<WorkspaceFile> => {
  const stored = (await readStored(env)).file
  const { connection, output } = isObject(body) ? body : {}
  if (!isObject(connection)) {
    const message = 'connection must be an object.'
    throw new RequestError(422, [problem('required', 'connection', message)])
  }
  const connections = withItem(stored.connections, connection)
  const outputs = output === undefined ? stored.outputs : withItem(stored.outputs, output)
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
  const output = file.outputs.find((output) => output.id === connection.output)
  if (!output) return undefined
  const { id, settings, audiences } = connection
  const connected = file.audiences.filter((audience) => audiences?.includes(audience.id))
  // Only outboxes open credentials. This one stores no deliveries.
  const outbox = objectsOf(env).OUTBOX.getByName(`check:${id}`)
  return outbox.check({
    id,
    output,
    settings,
    isOfAudiences: audiences !== undefined,
    audienceNames: Object.fromEntries(connected.map(({ id, name }) => [id, name])),
    isThorough: true,
  })
}

export const checkRoutes = new Hono<AdminEnv>()

/**
 * Tries out a connection, and an output if the body has one, without saving them: an S3 bucket gets a
 * verification object, a queue and an integration a request without data.
 */
checkRoutes.post('/connections/check', async (context) => {
  const body = await readJson(context)
  const file = await readCandidate(context.env, body)
  const id = idIn(isObject(body) ? body.connection : undefined)
  const connection = file.connections.find((connection) => connection.id === id)
  const outcome = connection && (await tryOut(context.env, connection, file))
  if (outcome?.kind === 'delivered') return context.json<Checked>({ ok: true })
  const reason = outcome && 'reason' in outcome ? outcome.reason : 'its outbox did not answer.'
  const index = file.connections.findIndex((connection) => connection.id === id)
  const message = `The output did not accept the verification: ${reason}`
  throw new RequestError(422, [
    problem('verification_failed', `connections.${index}.settings`, message),
  ])
})
