import { sharedSettings } from '../../connections/settings'
import { triggerSettings } from '../../connections/trigger-settings'
import { settings, type Values } from '../../settings'
import { accessSettings } from '../aws/access'

export const s3Configuration = settings({
  ...accessSettings,
  aws_region: {
    type: 'text',
    label: 'AWS Region Endpoint',
    help: "The bucket's region.",
    default: 'us-east-1',
    pattern: '^[a-z0-9-]{2,32}$',
    patternHelp: 'must be a region such as eu-central-1',
    source: 's3',
  },
  addressing_style: {
    type: 'choice',
    label: 'Addressing Style',
    help: 'Where the bucket stands in the URL. auto: in the host name on AWS, in the path elsewhere.',
    default: 'auto',
    choices: [
      { value: 'auto', label: 'Automatic' },
      { value: 'virtual', label: 'Virtual host' },
      { value: 'path', label: 'Path' },
    ],
    source: 'weir',
  },
})

export const s3Connection = settings({
  bucket_name: {
    type: 'text',
    label: 'S3 Bucket Name',
    help: 'The bucket to write to.',
    required: true,
    pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    patternHelp: 'must be a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens',
    source: 's3',
  },
  folder_name: {
    type: 'text',
    label: 'Folder Name',
    help: 'A folder for all files. Slashes at its ends are dropped, those inside are kept.',
    source: 's3',
  },
  server_side_encryption: {
    type: 'choice',
    label: 'Server Side Encryption Method',
    help: 'None, AES256, aws:kms, or aws:kms:KEY_ID for a key of your own.',
    default: 'None',
    choices: [
      { value: 'None', label: 'None' },
      { value: 'AES256', label: 'AES256' },
      { value: 'aws:kms', label: 'aws:kms' },
    ],
    pattern: '^aws:kms:[\\w:/-]+$',
    source: 's3',
  },
  store_by_date: {
    type: 'choice',
    label: 'Store Data In Folders By Date',
    help: 'The date (UTC) that names the folder of a file.',
    default: 'UNSELECTED',
    choices: [
      { value: 'none', label: 'None' },
      { value: 'event_time', label: 'Store data in folders by the event time' },
      { value: 'upload_time', label: 'Store data in folders by upload time' },
      {
        value: 'event_time_or_upload_time',
        label: 'Store data in folders by first event time or upload time if no events',
      },
    ],
    unsaveable: {
      value: 'UNSELECTED',
      message: "Store Data in Folders by Date must be set to a value other than 'UNSELECTED'.",
    },
    source: 's3',
  },
  use_compression: {
    type: 'switch',
    label: 'Use Compression',
    help: 'Write gzip files (.txt.gz).',
    default: false,
    source: 's3',
  },
  raw_data_feed: {
    type: 'switch',
    label: 'Raw Data Feed',
    help: 'Write batches in the form in which they came in, with server-made ids.',
    default: false,
    source: 's3',
  },
  wait_for_complete_batch: {
    type: 'switch',
    label: 'Wait for Complete Batch',
    help: "Android only: hold a session's events until it ends and write them as one batch. Goes before Send as Batch.",
    default: false,
    source: 's3',
  },
  file_seconds: {
    type: 'number',
    label: 'File Time',
    help: 'A file is written this long after its first line came in.',
    default: 60,
    unit: 'seconds',
    min: 1,
    max: 86_400,
    source: 'weir',
  },
  file_bytes: {
    type: 'number',
    label: 'File Size',
    help: 'A file is written as soon as it holds this much, before compression.',
    default: 8_388_608,
    unit: 'bytes',
    min: 65_536,
    max: 8_388_608,
    source: 'weir',
  },
  ...sharedSettings,
})

export const s3Triggers = settings({
  bucket_name: s3Connection.bucket_name,
  folder_name: s3Connection.folder_name,
  server_side_encryption: s3Connection.server_side_encryption,
  store_by_date: s3Connection.store_by_date,
  use_compression: s3Connection.use_compression,
  file_seconds: s3Connection.file_seconds,
  file_bytes: s3Connection.file_bytes,
  ...triggerSettings,
})

export type S3Configuration = Values<typeof s3Configuration>
export type S3Connection = Values<typeof s3Connection>

/** Whether the deployment's own identity writes to the bucket. */
export const usesDeploymentKeys = (configuration: S3Configuration): boolean =>
  !configuration.access_key_id && !configuration.role_arn
