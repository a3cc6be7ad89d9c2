import type { ConnectionSettings } from '../../connections/settings'
import type { TriggerSettings } from '../../connections/trigger-settings'
import { readStoredSettings, settings } from '../../settings'
import { checkAccess } from '../aws/access'
import { accessClient } from '../aws/credentials'
import type { ConnectionFacts, OpenedConnection, OutputKind } from '../kind'
import type { FileTarget, WaitingLane } from '../target'
import { checkBucket } from './check'
import { fileKey } from './key'
import { type Bucket, putFile, verifyBucket } from './put'
import { s3Configuration, s3Connection, s3Triggers } from './settings'

const readConnection = (stored: unknown): ConnectionSettings => ({
  ...readStoredSettings(s3Connection, stored),
  isQueue: false,
})

const readTriggers = (stored: unknown): TriggerSettings => ({
  ...readStoredSettings(s3Triggers, stored),
  isQueue: false,
})

const { file_bytes, file_seconds } = s3Connection
// Apart from the other rows, since they are read for each lane after each commit.
const fileLimits = settings({ file_bytes, file_seconds })

// At once when a file is full.
const dueMs = ({ bytes, opened_ms }: WaitingLane, connection: ConnectionFacts): number => {
  const { file_bytes, file_seconds } = readStoredSettings(fileLimits, connection.settings)
  return bytes >= file_bytes ? 0 : opened_ms + file_seconds * 1000
}

const open = ({ configuration: opened, settings, deployment }: OpenedConnection): FileTarget => {
  const configuration = readStoredSettings(s3Configuration, opened)
  const connection = readStoredSettings(s3Connection, settings)
  const access = accessClient(configuration, configuration.aws_region, deployment)
  const bucket: Bucket = { access, configuration, connection }
  return {
    isQueue: false,
    needsContact: false,
    retention_hours: connection.retention_hours,
    file_bytes: connection.file_bytes,
    fileKey: (lane, now) => fileKey(lane, connection, now),
    put: (key, parts) => putFile(bucket, key, parts),
    verify: ({ nowMs }) => verifyBucket(bucket, nowMs),
  }
}

/** Amazon S3 and stores like it: files of lines, one delivery a line. */
export const s3Kind: OutputKind = {
  label: 'Amazon S3',
  configuration: s3Configuration,
  connection: s3Connection,
  triggers: s3Triggers,
  checkConfiguration: checkAccess,
  checkConnection: ({ settings, configuration, deployment }) =>
    configuration
      ? checkBucket(
          readStoredSettings(s3Configuration, configuration),
          readStoredSettings(s3Connection, settings),
          deployment
        )
      : [],
  readConnection,
  readTriggers,
  dueMs,
  open,
}
