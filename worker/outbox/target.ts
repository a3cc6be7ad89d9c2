import { type Bindings, deploymentOf, requireSecret } from '../config/deployment'
import { openSettings } from '../config/secrets'
import { isOfAudiences, type Snapshot } from '../config/snapshot'
import type { Output } from '../config/workspace-file'
import type { Outcome } from '../delivery'
import { outputKinds } from '../outputs'
import { accessClient } from '../outputs/credentials'
import { type S3Target, s3Configuration, s3Connection, verifyBucket } from '../outputs/s3'
import {
  queueEndpoint,
  type SqsTarget,
  sqsConfiguration,
  sqsConnection,
  sqsTriggers,
} from '../outputs/sqs'
import { readStoredSettings } from '../settings'

/** Where an outbox delivers to, with opened credentials. Lives in memory only. */
export type Target =
  | ({ kind: 'sqs'; retention_hours: number } & SqsTarget)
  | ({ kind: 's3'; retention_hours: number; file_seconds: number; file_bytes: number } & S3Target)

/** A connection and its output, as a caller may have it who has not saved them yet. */
export interface Candidate {
  output: Output
  settings: Record<string, unknown>
  /** Whether audiences feed it. */
  isOfAudiences: boolean
}

/** The candidate that a snapshot holds under a connection's id; undefined when it does not deliver. */
export const candidateOf = (snapshot: Snapshot, connectionId: string): Candidate | undefined => {
  const connection = snapshot.connections.get(connectionId)
  const output = connection && snapshot.outputs.get(connection.output)
  if (!connection?.enabled || !output) return undefined
  return { output, settings: connection.settings, isOfAudiences: isOfAudiences(connection) }
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
    const opened = await openSettings(output, requireSecret(env, 'CONFIG_KEY'))
    const kind = outputKinds[output.kind]
    const readOwn = candidate.isOfAudiences ? kind.readTriggers : kind.readConnection
    const checked = [
      kind.readConfiguration(opened, deployment),
      readOwn(settings, opened, deployment),
    ].flatMap((read) => (read.ok ? [] : read.problems))
    if (checked.length > 0) return blocked(checked.map((one) => one.message).join(' '))
    return output.kind === 'sqs'
      ? sqsTarget(opened, settings, deployment)
      : s3Target(opened, settings, deployment)
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

/** Tries a candidate out before it is saved: S3 gets a verification object, SQS nothing. */
export const checkTarget = (target: Target, nowMs: number): Promise<Outcome> =>
  target.kind === 's3'
    ? verifyBucket(target, nowMs)
    : Promise.resolve({ kind: 'delivered' } as const)
