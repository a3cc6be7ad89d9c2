import type { Alert } from '../../alerts/alert'
import { oauthConfigOf } from '../../authorizations/output-config'
import { type Bindings, configKeys, deploymentOf } from '../../config/deployment'
import { openConnectionSettings, openSettings } from '../../config/secrets'
import { isOfAudiences, type Snapshot, workspaceSnapshot } from '../../config/snapshot'
import type { Output } from '../../config/workspace-file'
import type { Outcome } from '../../delivery'
import { outputKinds } from '../../outputs'
import { readConfiguration, readConnection } from '../../outputs/read'
import { isTarget, type Target } from '../../outputs/target'
import { OutputAccessToken } from '../integration/access-token'

/** A connection and its output, stored or about to be saved. Secrets are sealed. */
export interface Candidate {
  /** The connection's. */
  id: string
  output: Output
  settings: Record<string, unknown>
  isOfAudiences: boolean
  /** How many outboxes share its deliveries. */
  shards?: number
  /** The names of the audiences that feed it, by their ids. */
  audienceNames?: Record<string, string>
}

/** The connection of a snapshot with this id; undefined when it does not deliver. */
export const candidateOf = (snapshot: Snapshot, connectionId: string): Candidate | undefined => {
  const connection = snapshot.connections.get(connectionId)
  const output = connection && snapshot.outputs.get(connection.output)
  if (!connection?.enabled || !output) return undefined
  const { id, shards } = connection
  const isFed = isOfAudiences(connection)
  const { connection: rows, triggers } = outputKinds[output.kind]
  // A snapshot also holds the defaults of settings that this output does not have.
  const settings = Object.fromEntries(
    Object.entries(connection.settings).filter(([name]) =>
      Object.hasOwn(isFed ? triggers : rows, name)
    )
  )
  return isFed
    ? { id, shards, output, settings, isOfAudiences: true, audienceNames: connection.audienceNames }
    : { id, shards, output, settings, isOfAudiences: false }
}

const blocked = (reason: string): Outcome => ({ kind: 'retry', reason, ownerMustAct: true })

/**
 * Opens the credentials of a candidate.
 *
 * @returns what keeps it from delivering as the outcome of an attempt
 */
export const openTarget = async (
  candidate: Candidate,
  env: Bindings
): Promise<Target | Outcome> => {
  try {
    const { id, output, settings, isOfAudiences, audienceNames } = candidate
    const kind = outputKinds[output.kind]
    const deployment = deploymentOf(env)
    const keys = configKeys(env)
    const configuration = await openSettings(output, keys)
    const { registration } = output
    const facts = { settings: configuration, registration }
    const problems = [
      readConfiguration(kind, configuration, deployment),
      readConnection(kind, { settings, isOfAudiences, output: facts, deployment }),
    ].flatMap((read) => (read.ok ? [] : read.problems))
    if (problems.length > 0) return blocked(problems.map(({ message }) => message).join(' '))
    const oauth = oauthConfigOf(output, configuration)
    return kind.open({
      configuration,
      settings: await openConnectionSettings({ id, settings }, output, keys),
      isOfAudiences,
      registration,
      audienceNames,
      accessToken: oauth && new OutputAccessToken(env, output.id, oauth),
      deployment,
    })
  } catch (error) {
    return blocked(error instanceof Error ? error.message : 'The output could not be opened.')
  }
}

/** The target of one outbox in the current workspace. Opened credentials stay in memory. */
export class TargetCache {
  // The newest version of the workspace that a caller has mentioned.
  #seenVersion = 0
  #opened: { key: string; target: Target } | undefined

  constructor(
    private readonly env: Bindings,
    private readonly waitUntil: (promise: Promise<unknown>) => void
  ) {}

  sawVersion(version: number): void {
    this.#seenVersion = Math.max(this.#seenVersion, version)
  }

  #snapshot(): Promise<Snapshot> {
    return workspaceSnapshot(this.env, this.waitUntil, this.#seenVersion)
  }

  /** Undefined while the connection is paused. */
  async candidate(connection: string): Promise<Candidate | undefined> {
    return candidateOf(await this.#snapshot(), connection)
  }

  /** The alerts of the workspace. */
  async alerts(): Promise<Alert[]> {
    return (await this.#snapshot()).alerts
  }

  /** The opened target, or why it cannot be opened. */
  async open(candidate: Candidate): Promise<Target | (Outcome & { kind: 'retry' })> {
    const key = JSON.stringify(candidate)
    if (this.#opened?.key === key) return this.#opened.target
    const opened = await openTarget(candidate, this.env)
    if (isTarget(opened)) {
      this.#opened = { key, target: opened }
      return opened
    }
    if (opened.kind === 'retry') return opened
    return { kind: 'retry', reason: 'The output cannot be used.' }
  }

  forget(): void {
    this.#opened = undefined
  }
}
