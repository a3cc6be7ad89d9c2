import { readSettings, readStoredSettings } from '../settings'
import { checkAccess } from './credentials'
import { firehoseKind } from './firehose/kind'
import { judged, judgedWith, type OutputKind } from './kind'
import { checkS3, s3Configuration, s3Connection, s3Triggers } from './s3'
import { checkSqs, sqsConfiguration, sqsConnection, sqsTriggers } from './sqs'

export type OutputKindId = 'sqs' | 's3' | 'firehose'

const sqs: OutputKind = {
  label: 'Amazon SQS',
  configuration: sqsConfiguration,
  connection: sqsConnection,
  triggers: sqsTriggers,
  read: (stored) => readStoredSettings(sqsConnection, stored),
  readStoredTriggers: (stored) => readStoredSettings(sqsTriggers, stored),
  readConfiguration: (given, deployment) =>
    judged(readSettings(sqsConfiguration, given), (value) => checkAccess(value, deployment)),
  readConnection: (given, output, deployment) =>
    judgedWith(
      readSettings(sqsConnection, given),
      readSettings(sqsConfiguration, output.settings),
      (own, configuration) => checkSqs(configuration, own, deployment)
    ),
  readTriggers: (given, output, deployment) =>
    judgedWith(
      readSettings(sqsTriggers, given),
      readSettings(sqsConfiguration, output.settings),
      (own, configuration) => checkSqs(configuration, own, deployment)
    ),
}

const s3: OutputKind = {
  label: 'Amazon S3',
  configuration: s3Configuration,
  connection: s3Connection,
  triggers: s3Triggers,
  read: (stored) => readStoredSettings(s3Connection, stored),
  readStoredTriggers: (stored) => readStoredSettings(s3Triggers, stored),
  readConfiguration: (given, deployment) =>
    judged(readSettings(s3Configuration, given), (value) => checkAccess(value, deployment)),
  readConnection: (given, output, deployment) =>
    judgedWith(
      readSettings(s3Connection, given),
      readSettings(s3Configuration, output.settings),
      (own, configuration) => checkS3(configuration, own, deployment)
    ),
  readTriggers: (given, output, deployment) =>
    judgedWith(
      readSettings(s3Triggers, given),
      readSettings(s3Configuration, output.settings),
      (own, configuration) => checkS3(configuration, own, deployment)
    ),
}

export const outputKinds: Record<OutputKindId, OutputKind> = { sqs, s3, firehose: firehoseKind }

export const isOutputKind = (kind: unknown): kind is OutputKindId =>
  typeof kind === 'string' && Object.hasOwn(outputKinds, kind)
