import { failure, log } from '../../base/log'
import { type Problem, problem, RequestError } from '../../base/problem'
import { type Bindings, deploymentOf, objectsOf, requireSecret } from '../../config/deployment'
import { movedSecrets } from '../../config/moved-secrets'
import { keepSecrets, sealSecrets } from '../../config/secrets'
import { adoptWorkspace, type StoredWorkspace } from '../../config/snapshot'
import type { Authorship } from '../../config/workspace'
import { type Connection, readWorkspaceFile, type WorkspaceFile } from '../../config/workspace-file'
import { outboxesOf } from '../../outbox/shards'
import { isIntegration } from '../../outputs'
import { connectionStatus } from '../connections/status'
import type { AdminContext } from '../request'
import { walkIfChanged } from './audience-walk'
import { withKnownRegistrations, withoutRegistrations, withRegistrations } from './registrations'

export interface SaveOptions extends Authorship {
  /** Write the verification object into the buckets of new and changed S3 connections. */
  verify: boolean
  /** Delete deliveries that wait for removed connections, instead of refusing to save. */
  discard: boolean
  /** The output whose registration is fetched even if its settings have not changed. */
  again?: string
}

const mostNoteChars = 500

const readNote = (note: string): string => {
  if (note.length <= mostNoteChars) return note
  const message = `note must have at most ${mostNoteChars} characters.`
  throw new RequestError(422, [problem('invalid', 'note', message)])
}

/** Reads the query of a request that saves. */
export const saveOptions = (context: AdminContext): SaveOptions => {
  const { verify, discard, note } = context.req.query()
  return {
    verify: verify !== 'false',
    discard: discard === 'true',
    by: context.get('who'),
    note: readNote(note ?? ''),
  }
}

/**
 * Checks, verifies and stores a whole workspace, atomically.
 *
 * @throws RequestError 422 with all problems, 409 when data would be lost or another request saved
 */
export const saveWorkspace = async (
  env: Bindings,
  stored: StoredWorkspace,
  body: unknown,
  options: SaveOptions
): Promise<StoredWorkspace> => {
  const withSecrets = await readWithSecrets(env, stored, body)
  const file = readFile(
    env,
    await withRegistrations(env, stored, { file: withSecrets, again: options.again })
  )
  const sealed = await sealSecrets(file, requireSecret(env, 'CONFIG_KEY'))
  if (JSON.stringify(sealed) === JSON.stringify(stored.file)) return stored
  const changed = sealed.connections.filter((connection) =>
    isChanged(connection, sealed, stored.file)
  )
  const replaced = stored.file.connections.filter((connection) =>
    isReplaced(connection, stored.file, sealed)
  )
  if (!options.discard) await refuseLoss(env, replaced)
  if (options.verify) await verifyOutputs(env, sealed, changed)
  const saved = await storeNext(env, stored, { file: sealed, ...options })
  await Promise.all(replaced.map((connection) => unsubscribe(env, connection, stored.file)))
  const emptied = replaced.flatMap((connection) =>
    outboxesOf(env, connection).slice(keptShards(connection, sealed))
  )
  await Promise.all(emptied.map((outbox) => outbox.discardAll(options.discard)))
  await Promise.all(changed.map((connection) => wakeOutboxes(env, connection, saved)))
  await forgetTokens(env, stored.file, sealed)
  await walkIfChanged(env, stored, saved)
  return saved
}

/** @throws RequestError 409 when another request saved since `stored` was read */
export const storeNext = async (
  env: Bindings,
  stored: StoredWorkspace,
  { file, by, note }: Authorship & { file: WorkspaceFile }
): Promise<StoredWorkspace> => {
  const workspace = objectsOf(env).WORKSPACE.getByName('workspace')
  const version = await workspace.store(JSON.stringify(file), stored.version, { by, note })
  if (version === undefined) {
    const message = 'The workspace was changed meanwhile. Read it again and repeat the change.'
    throw new RequestError(409, [problem('changed_meanwhile', '', message)])
  }
  const saved = { version, file }
  adoptWorkspace(saved)
  return saved
}

const readWithSecrets = async (
  env: Bindings,
  stored: StoredWorkspace,
  body: unknown
): Promise<WorkspaceFile> => {
  const file = readFile(env, withoutRegistrations(body))
  refuseMoved(file, stored.file)
  // A mask without a stored secret leaves a missing value, so the caller checks the file again.
  return keepSecrets(withKnownRegistrations(file, stored.file), stored.file)
}

/** @throws RequestError 422 when a stored secret would be sent to an address it was not entered for */
export const refuseMoved = (file: WorkspaceFile, stored: WorkspaceFile): void => {
  const problems = movedSecrets(file, stored)
  if (problems.length > 0) throw new RequestError(422, problems)
}

const readFile = (env: Bindings, value: unknown): WorkspaceFile => {
  const result = readWorkspaceFile(value, deploymentOf(env))
  if (result.ok) return result.value
  throw new RequestError(422, result.problems)
}

const wakeOutboxes = async (
  env: Bindings,
  connection: Connection,
  { version, file }: StoredWorkspace
): Promise<void> => {
  const outboxes = outboxesOf(env, connection)
  await Promise.all(outboxes.map((outbox) => outbox.wake(version)))
  const output = outputOf(connection, file)
  if (output && isIntegration(output))
    await outboxes[0]?.startContact(`${connection.id}/0`, version)
}

// A later output with this id must not inherit its tokens.
const forgetTokens = async (
  env: Bindings,
  before: WorkspaceFile,
  now: WorkspaceFile
): Promise<void> => {
  const isGone = ({ id }: { id: string }) => !now.outputs.some((output) => output.id === id)
  const gone = before.outputs.filter((output) => isIntegration(output) && isGone(output))
  const { AUTHORIZATION } = objectsOf(env)
  await Promise.all(gone.map(({ id }) => AUTHORIZATION.getByName(id).forget()))
}

// Unsubscribing must not delay the save.
const unsubscribeTimeoutMs = 10_000

// The saved workspace no longer has the connection, so its outbox is given the former output and settings.
const unsubscribe = async (
  env: Bindings,
  connection: Connection,
  before: WorkspaceFile
): Promise<void> => {
  const output = outputOf(connection, before)
  if (!connection.audiences || !output || !isIntegration(output)) return
  const [outbox] = outboxesOf(env, connection)
  const { id, settings } = connection
  const leaving = outbox?.unsubscribeAudiences({ id, output, settings, isOfAudiences: true })
  const late = scheduler.wait(unsubscribeTimeoutMs)
  await Promise.race([leaving, late]).catch((error: unknown) =>
    log('warn', 'An integration could not be sent the end of its subscriptions.', failure(error))
  )
}

const outputOf = (connection: Connection, file: WorkspaceFile) =>
  file.outputs.find(({ id }) => id === connection.output)

const isChanged = (connection: Connection, now: WorkspaceFile, before: WorkspaceFile): boolean => {
  const known = before.connections.find(({ id }) => id === connection.id)
  if (!known) return true
  // Integrations get the names of their audiences.
  const facts = (version: Connection, file: WorkspaceFile) =>
    JSON.stringify([version, outputOf(version, file), audienceNames(version, file)])
  return facts(known, before) !== facts(connection, now)
}

const audienceNames = ({ audiences = [] }: Connection, file: WorkspaceFile): string[] =>
  file.audiences.filter(({ id }) => audiences.includes(id)).map(({ name }) => name)

// Messages of audiences, or an input's batches.
const isOtherSource = (a: Connection, b: Connection): boolean =>
  (a.audiences === undefined) !== (b.audiences === undefined)

// Waiting deliveries have the form of their source and of the output's kind, and lie in the outbox of
// their shard, so none of these may change.
const isReplaced = (connection: Connection, before: WorkspaceFile, now: WorkspaceFile): boolean => {
  const next = now.connections.find(({ id }) => id === connection.id)
  if (!next || next.output !== connection.output || next.shards < connection.shards) return true
  if (isOtherSource(connection, next)) return true
  return outputOf(next, now)?.kind !== outputOf(connection, before)?.kind
}

// With fewer shards, the remaining outboxes keep their deliveries.
const keptShards = (connection: Connection, now: WorkspaceFile): number => {
  const next = now.connections.find(({ id }) => id === connection.id)
  if (!next || isOtherSource(connection, next) || next.output !== connection.output) return 0
  return next.shards < connection.shards ? next.shards : 0
}

const refuseLoss = async (env: Bindings, gone: Connection[]): Promise<void> => {
  const problems = await Promise.all(
    gone.map(async (connection): Promise<Problem[]> => {
      const { waiting, dead_letters } = await connectionStatus(env, connection)
      if (waiting.deliveries === 0 && dead_letters.letters === 0) return []
      const path = `connections.${connection.id}`
      const waits = waiting.deliveries === 1 ? '1 delivery' : `${waiting.deliveries} deliveries`
      const dead =
        dead_letters.letters === 1 ? '1 dead letter' : `${dead_letters.letters} dead letters`
      const message = `${connection.id} still holds ${waits} and ${dead}. Let it drain, or add ?discard=true to delete them.`
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
        id: connection.id,
        output,
        settings: connection.settings,
        isOfAudiences: connection.audiences !== undefined,
      })
      if (!outcome || outcome.kind === 'delivered') return []
      const path = `connections.${file.connections.indexOf(connection)}.settings`
      const message = `The output did not accept the verification: ${outcome.reason}`
      return [problem('verification_failed', path, message)]
    })
  )
  if (problems.flat().length > 0) throw new RequestError(422, problems.flat())
}
