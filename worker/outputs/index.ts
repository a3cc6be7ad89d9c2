import type { ConnectionSettings } from '../connections/apply'
import type { Problem, Result } from '../problem'
import { readSettings, readStoredSettings, type SettingRows } from '../settings'
import { checkAccess, type Deployment } from './credentials'
import { checkS3, s3Configuration, s3Connection } from './s3'
import { checkSqs, sqsConfiguration, sqsConnection } from './sqs'

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
}

const judged = <T>(read: Result<T>, rules: (value: T) => Problem[]): Result<T> => {
  if (!read.ok) return read
  const problems = rules(read.value)
  return problems.length > 0 ? { ok: false, problems } : read
}

// An output whose own settings are wrong has problems of its own; its connections add theirs.
const noProblem: Result<never> = { ok: false, problems: [] }

export const outputKinds: Record<OutputKindId, OutputKind> = {
  sqs: {
    label: 'Amazon SQS',
    configuration: sqsConfiguration,
    connection: sqsConnection,
    read: (stored) => readStoredSettings(sqsConnection, stored),
    readConfiguration: (given, deployment) =>
      judged(readSettings(sqsConfiguration, given), (value) => checkAccess(value, deployment)),
    readConnection: (given, configuration, deployment) => {
      const own = readSettings(sqsConnection, given)
      const output = readSettings(sqsConfiguration, configuration)
      if (own.ok && !output.ok) return noProblem
      return judged(own, (value) => (output.ok ? checkSqs(output.value, value, deployment) : []))
    },
  },
  s3: {
    label: 'Amazon S3',
    configuration: s3Configuration,
    connection: s3Connection,
    read: (stored) => readStoredSettings(s3Connection, stored),
    readConfiguration: (given, deployment) =>
      judged(readSettings(s3Configuration, given), (value) => checkAccess(value, deployment)),
    readConnection: (given, configuration, deployment) => {
      const own = readSettings(s3Connection, given)
      const output = readSettings(s3Configuration, configuration)
      if (own.ok && !output.ok) return noProblem
      return judged(own, (value) => (output.ok ? checkS3(output.value, value, deployment) : []))
    },
  },
}

export const isOutputKind = (kind: unknown): kind is OutputKindId =>
  typeof kind === 'string' && Object.hasOwn(outputKinds, kind)
