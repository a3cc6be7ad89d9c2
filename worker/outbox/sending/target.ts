import { oauthConfigOf } from '../../authorizations/output-config'
import { type Bindings, configKeys, deploymentOf } from '../../config/deployment'
import { openConnectionSettings, openSettings } from '../../config/secrets'
import { isOfAudiences, type Snapshot } from '../../config/snapshot'
import type { Output } from '../../config/workspace-file'
import type { Outcome } from '../../delivery'
import { outputKinds } from '../../outputs'
import { accessClient } from '../../outputs/credentials'
import { firehoseConnection } from '../../outputs/firehose/settings'
import { firehoseTarget } from '../../outputs/firehose/target'
import { type S3Target, s3Configuration, s3Connection } from '../../outputs/s3'
import {
  queueEndpoint,
  type SqsTarget,
  sqsConfiguration,
  sqsConnection,
  sqsTriggers,
} from '../../outputs/sqs'
import { readStoredSettings } from '../../settings'
import { AccessToken } from '../integration/access-token'
import type { Integration } from '../integration/integration'

/** Where an outbox delivers to, with opened credentials. Lives in memory only. */
export type Target =
  | ({ kind: 'sqs'; retention_hours: number } & SqsTarget)
  | ({ kind: 's3'; retention_hours: number; file_seconds: number; file_bytes: number } & S3Target)
  | IntegrationTarget

export interface IntegrationTarget {
  kind: 'firehose'
  retention_hours: number
  integration: Integration
  /** The audiences that feed the connection: their names by their ids. */
  audienceNames?: Record<string, string> | undefined
}

/** A target, where what was opened may also be why it could not be. */
export const isTarget = (opened: Target | Outcome): opened is Target =>
  opened.kind === 'sqs' || opened.kind === 's3' || opened.kind === 'firehose'

/** A connection and its output, as a caller may have it who has not saved them yet. */
export interface Candidate {
  output: Output
  settings: Record<string, unknown>
  id: string
  /** Whether audiences feed it. */
  isOfAudiences: boolean
  /** How many outboxes share its deliveries. */
  shards?: number
  /** Their names by their ids, where they do. */
  audienceNames?: Record<string, string>
}

/** The candidate that a snapshot holds under a connection's id; undefined when it does not deliver. */
export const candidateOf = (snapshot: Snapshot, connectionId: string): Candidate | undefined => {
  const connection = snapshot.connections.get(connectionId)
  const output = connection && snapshot.outputs.get(connection.output)
  if (!connection?.enabled || !output) return undefined
  const { id, shards } = connection
  const isFed = isOfAudiences(connection)
  const { connection: rows, triggers } = outputKinds[output.kind]
  // Some are in memory that are no settings of this output.
  const settings = Object.fromEntries(
    Object.entries(connection.settings).filter(([name]) =>
      Object.hasOwn(isFed ? triggers : rows, name)
    )
  )
  return isFed
    ? { id, shards, output, settings, isOfAudiences: true, audienceNames: connection.audienceNames }
    : { id, shards, output, settings, isOfAudiences: false }
}

/**
 * Opens the credentials of a candidate. What keeps it from delivering comes back as the outcome of
 * an attempt.
 */
export const openTarget = async (
  candidate: Candidate,
  env: Bindings
): Promise<Target | Outcome> => {
  const { output, settings } = candidate
  const deployment = deploymentOf(env)
  try {
    const opened = await openSettings(output, configKeys(env))
    const kind = outputKinds[output.kind]
    const readOwn = candidate.isOfAudiences ? kind.readTriggers : kind.readConnection
    const checked = [
      kind.readConfiguration(opened, deployment),
      readOwn(settings, { settings: opened, registration: output.registration }, deployment),
    ].flatMap((read) => (read.ok ? [] : read.problems))
    if (checked.length > 0) return blocked(checked.map((one) => one.message).join(' '))
    if (output.kind === 'sqs') return sqsTarget(opened, settings, deployment)
    if (output.kind === 's3') return s3Target(opened, settings, deployment)
    return await openIntegration(candidate, opened, env)
  } catch (error) {
    return blocked(error instanceof Error ? error.message : 'The output could not be opened.')
  }
}

const blocked = (reason: string): Outcome => ({ kind: 'retry', reason, ownerMustAct: true })

type DeploymentFacts = ReturnType<typeof deploymentOf>

const sqsTarget = (opened: unknown, settings: unknown, deployment: DeploymentFacts): Target => {
  const configuration = readStoredSettings(sqsConfiguration, opened)
  const connection = readStoredSettings(sqsConnection, settings)
  const { region } = queueEndpoint(connection.queue_url, {
    endpointUrl: configuration.endpoint_url,
    region: readStoredSettings(sqsTriggers, settings).aws_region,
  })
  return {
    kind: 'sqs',
    access: accessClient(configuration, region, deployment),
    queue_url: connection.queue_url,
    endpoint_url: configuration.endpoint_url,
    region,
    max_message_bytes: connection.max_message_bytes,
    retention_hours: connection.retention_hours,
  }
}

const s3Target = (opened: unknown, settings: unknown, deployment: DeploymentFacts): Target => {
  const configuration = readStoredSettings(s3Configuration, opened)
  const connection = readStoredSettings(s3Connection, settings)
  const { retention_hours, file_seconds, file_bytes } = connection
  return {
    kind: 's3',
    access: accessClient(configuration, configuration.aws_region, deployment),
    configuration,
    connection,
    retention_hours,
    file_seconds,
    file_bytes,
  }
}

const openIntegration = async (
  { id, output, settings, isOfAudiences, audienceNames }: Candidate,
  opened: Record<string, unknown>,
  env: Bindings
): Promise<Target | Outcome> => {
  const { registration } = output
  if (!registration) return blocked('The integration has not said yet what it is.')
  const connection = await openConnectionSettings({ id, settings }, output, configKeys(env))
  const both = { output: opened, connection }
  const config = oauthConfigOf(output, opened)
  const { retention_hours } = readStoredSettings(firehoseConnection, settings)
  return {
    kind: 'firehose',
    retention_hours,
    integration: {
      ...firehoseTarget(both, registration, deploymentOf(env)),
      isOfAudiences,
      accessToken: config && new AccessToken(env, output.id, config),
    },
    audienceNames,
  }
}
