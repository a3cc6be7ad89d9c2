import type { ConnectionSettings } from '../connections/apply'
import type { TriggerSettings } from '../connections/trigger-settings'
import type { Problem, Result } from '../problem'
import { readSettings, readStoredSettings, type SettingRows } from '../settings'
import { checkAccess, type Deployment } from './credentials'
import { checkS3, s3Configuration, s3Connection, s3Triggers } from './s3'
import { checkSqs, sqsConfiguration, sqsConnection, sqsTriggers } from './sqs'

export type OutputKindId = 'sqs' | 's3'

/** A kind of output: its settings, and the rules that span them. */
export interface OutputKind {
  label: string
  configuration: SettingRows
  connection: SettingRows
  /** Reads an output's settings; paths are setting ids. */
  readConfiguration: (given: unknown, deployment: Deployment) => Result<Record<string, unknown>>
  /** Reads a connection's settings against its output's. */
  readConnection: (
    given: unknown,
    configuration: unknown,
    deployment: Deployment
  ) => Result<ConnectionSettings>
  /** A stored connection's settings, for use on events: never fails. */
  read: (stored: unknown) => ConnectionSettings
  /** The settings of connections that are fed by audiences, and the same of these. */
  triggers: SettingRows
  readTriggers: (
    given: unknown,
    configuration: unknown,
    deployment: Deployment
  ) => Result<TriggerSettings>
  readStoredTriggers: (stored: unknown) => TriggerSettings
}

const judged = <T>(read: Result<T>, rules: (value: T) => Problem[]): Result<T> => {
  if (!read.ok) return read
  const problems = rules(read.value)
  return problems.length > 0 ? { ok: false, problems } : read
}

/** A connection's settings, judged by those of its output; an output that is wrong has problems of its own. */
const judgedWith = <T, C>(
  own: Result<T>,
  output: Result<C>,
  rules: (own: T, output: C) => Problem[]
): Result<T> => {
  if (own.ok && !output.ok) return noProblem
  return judged(own, (value) => (output.ok ? rules(value, output.value) : []))
}

const noProblem: Result<never> = { ok: false, problems: [] }

export const outputKinds: Record<OutputKindId, OutputKind> = {
  sqs: {
    label: 'Amazon SQS',
    configuration: sqsConfiguration,
    connection: sqsConnection,
    triggers: sqsTriggers,
    read: (stored) => readStoredSettings(sqsConnection, stored),
    readStoredTriggers: (stored) => readStoredSettings(sqsTriggers, stored),
    readConfiguration: (given, deployment) =>
      judged(readSettings(sqsConfiguration, given), (value) => checkAccess(value, deployment)),
    readConnection: (given, configuration, deployment) =>
      judgedWith(
        readSettings(sqsConnection, given),
        readSettings(sqsConfiguration, configuration),
        (own, output) => checkSqs(output, own, deployment)
      ),
    readTriggers: (given, configuration, deployment) =>
      judgedWith(
        readSettings(sqsTriggers, given),
        readSettings(sqsConfiguration, configuration),
        (own, output) => checkSqs(output, own, deployment)
      ),
  },
  s3: {
    label: 'Amazon S3',
    configuration: s3Configuration,
    connection: s3Connection,
    triggers: s3Triggers,
    read: (stored) => readStoredSettings(s3Connection, stored),
    readStoredTriggers: (stored) => readStoredSettings(s3Triggers, stored),
    readConfiguration: (given, deployment) =>
      judged(readSettings(s3Configuration, given), (value) => checkAccess(value, deployment)),
    readConnection: (given, configuration, deployment) =>
      judgedWith(
        readSettings(s3Connection, given),
        readSettings(s3Configuration, configuration),
        (own, output) => checkS3(output, own, deployment)
      ),
    readTriggers: (given, configuration, deployment) =>
      judgedWith(
        readSettings(s3Triggers, given),
        readSettings(s3Configuration, configuration),
        (own, output) => checkS3(output, own, deployment)
      ),
  },
}

export const isOutputKind = (kind: unknown): kind is OutputKindId =>
  typeof kind === 'string' && Object.hasOwn(outputKinds, kind)
