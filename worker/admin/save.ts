import { type Bindings, deploymentOf, objectsOf, requireSecret } from '../config/deployment'
import { keepSecrets, sealSecrets } from '../config/secrets'
import { adoptWorkspace, type StoredWorkspace } from '../config/snapshot'
import { type Connection, readWorkspaceFile, type WorkspaceFile } from '../config/workspace-file'
import { type Problem, problem, RequestError } from '../problem'
import { walkIfChanged } from './audience-walk'
import { connectionStatus, outboxesOf } from './shards'

export interface SaveOptions {
  /** Write the verification object into the buckets of new and changed S3 connections. */
  verify: boolean
  /** Delete what waits for connections that go, instead of refusing. */
  discard: boolean
}

/**
 * Checks, verifies and stores a whole workspace, atomically.
 *
 * @throws RequestError 422 with all problems, 409 when data would be lost or somebody else saved
 */
export const saveWorkspace = async (
  env: Bindings,
  stored: StoredWorkspace,
  given: unknown,
  options: SaveOptions
): Promise<StoredWorkspace> => {
  const file = await readWithSecrets(env, stored, given)
  const sealed = await sealSecrets(file, requireSecret(env, 'CONFIG_KEY'))
  if (JSON.stringify(sealed) === JSON.stringify(stored.file)) return stored
  const changed = sealed.connections.filter((one) => isChanged(one, sealed, stored.file))
  const gone = stored.file.connections.filter((one) => isReplaced(one, stored.file, sealed))
  if (!options.discard) await refuseLoss(env, gone)
  if (options.verify) await verifyOutputs(env, sealed, changed)
  const workspace = objectsOf(env).WORKSPACE.getByName('workspace')
  const version = await workspace.store(JSON.stringify(sealed), stored.version)
  if (version === undefined) {
    const message = 'The workspace was changed meanwhile. Read it again and repeat the change.'
    throw new RequestError(409, [problem('changed_meanwhile', '', message)])
  }
  const saved = { version, file: sealed }
  adoptWorkspace(saved)
  const emptied = gone.flatMap((one) => outboxesOf(env, one).slice(keptShards(one, sealed)))
  await Promise.all(emptied.map((outbox) => outbox.discardAll(options.discard)))
  const woken = changed.flatMap((one) => outboxesOf(env, one))
  await Promise.all(woken.map((outbox) => outbox.wake(version)))
  await walkIfChanged(env, stored, saved)
  return saved
}

const readWithSecrets = async (
  env: Bindings,
  stored: StoredWorkspace,
  given: unknown
): Promise<WorkspaceFile> => {
  const read = (value: unknown): WorkspaceFile => {
    const result = readWorkspaceFile(value, deploymentOf(env))
    if (result.ok) return result.value
    throw new RequestError(422, result.problems)
  }
  // Read again: a mask behind which no secret was stored leaves a gap.
  return read(await keepSecrets(read(given), stored.file))
}

const outputOf = (connection: Connection, file: WorkspaceFile) =>
  file.outputs.find((one) => one.id === connection.output)

const isChanged = (connection: Connection, now: WorkspaceFile, before: WorkspaceFile): boolean => {
  const known = before.connections.find((one) => one.id === connection.id)
  if (!known) return true
  const facts = (one: Connection, file: WorkspaceFile) => JSON.stringify([one, outputOf(one, file)])
  return facts(known, before) !== facts(connection, now)
}

// Messages of audiences, or an input's batches.
const isOtherSource = (a: Connection, b: Connection): boolean =>
  (a.audiences === undefined) !== (b.audiences === undefined)

// What waits in an outbox has the form of its source and its output's kind, and lies where the
// shards say.
const isReplaced = (connection: Connection, before: WorkspaceFile, now: WorkspaceFile): boolean => {
  const next = now.connections.find((one) => one.id === connection.id)
  if (!next || next.output !== connection.output || next.shards < connection.shards) return true
  if (isOtherSource(connection, next)) return true
  return outputOf(next, now)?.kind !== outputOf(connection, before)?.kind
}

// With fewer shards, those that stay keep what they hold.
const keptShards = (connection: Connection, now: WorkspaceFile): number => {
  const next = now.connections.find((one) => one.id === connection.id)
  if (!next || isOtherSource(connection, next) || next.output !== connection.output) return 0
  return next.shards < connection.shards ? next.shards : 0
}

const refuseLoss = async (env: Bindings, gone: Connection[]): Promise<void> => {
  const problems = await Promise.all(
    gone.map(async (connection): Promise<Problem[]> => {
      const { waiting, dead_letters } = await connectionStatus(env, connection)
      if (waiting.deliveries === 0 && dead_letters.letters === 0) return []
      const path = `connections.${connection.id}`
      const message = `${connection.id} still holds ${waiting.deliveries} deliveries and ${dead_letters.letters} dead letters. Let it drain, or add ?discard=true to delete them.`
      return [problem('connection_not_empty', path, message)]
    })
  )
  if (problems.flat().length > 0) throw new RequestError(409, problems.flat())
}

const verifyOutputs = async (
  env: Bindings,
  file: WorkspaceFile,
  changed: Connection[]
): Promise<void> => {
  const problems = await Promise.all(
    changed.map(async (connection): Promise<Problem[]> => {
      const output = outputOf(connection, file)
      if (!output || !connection.enabled) return []
      const [outbox] = outboxesOf(env, { id: connection.id, shards: 1 })
      const outcome = await outbox?.check({
        output,
        settings: connection.settings,
        isOfAudiences: connection.audiences !== undefined,
      })
      if (!outcome || outcome.kind === 'delivered') return []
      const path = `connections.${file.connections.indexOf(connection)}.settings`
      const message = `The output did not take the verification: ${outcome.reason}`
      return [problem('verification_failed', path, message)]
    })
  )
  if (problems.flat().length > 0) throw new RequestError(422, problems.flat())
}
