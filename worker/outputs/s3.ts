import { toHex } from '../base/hash'
import { type Problem, problem } from '../base/problem'
import { sharedSettings } from '../connections/settings'
import { triggerSettings } from '../connections/trigger-settings'
import type { Outcome } from '../delivery'
import { settings, type Values } from '../settings'
import { awsDomain, isExpiredToken, outcomeOf, sendToAws } from './aws'
import { type AccessClient, accessSettings, type Deployment } from './credentials'

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

const isRoleBased = (configuration: S3Configuration): boolean =>
  !configuration.access_key_id && !configuration.role_arn

/** Rules across the rows, without I/O. */
export const checkS3 = (
  configuration: S3Configuration,
  connection: Pick<S3Connection, 'bucket_name' | 'folder_name'>,
  deployment: Deployment
): Problem[] => {
  const problems: Problem[] = []
  if (/(^|\/)\.{1,2}(\/|$)/.test(connection.folder_name ?? '')) {
    const message = 'folder_name must not have . or .. as a folder.'
    problems.push(problem('invalid_setting', 'folder_name', message))
  }
  if (/[\p{Cc}\p{Cs}]/u.test(connection.folder_name ?? '')) {
    const message = 'folder_name must not have control characters.'
    problems.push(problem('invalid_setting', 'folder_name', message))
  }
  if (!isRoleBased(configuration)) return problems
  if (!deployment.service) {
    const message =
      'The output has no keys, and the deployment lacks AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    problems.push(problem('missing_credentials', 'bucket_name', message))
  }
  if (!connection.bucket_name.startsWith(deployment.roleBucketPrefix)) {
    const message = `Without keys of its own, bucket_name must begin with ${deployment.roleBucketPrefix}.`
    problems.push(problem('invalid_setting', 'bucket_name', message))
  }
  return problems
}

export interface S3Target {
  access: AccessClient
  configuration: S3Configuration
  connection: Pick<
    S3Connection,
    'bucket_name' | 'folder_name' | 'server_side_encryption' | 'use_compression'
  >
}

const folder = (name: string | undefined): string =>
  (name ?? '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => `${part}/`)
    .join('')

const compactTime = (ms: number, separator: string): string => {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T')
  return `${date.replaceAll('-', '')}${separator}${time.slice(0, 8).replaceAll(':', '')}`
}

/**
 * The key of a file: `[folder/][YYYY-MM-DD/]App_yyyyMMddHHmmssffffff_NNNNN.txt[.gz]`. The last
 * three digits of the time and the five behind it are random.
 */
export const fileKey = (
  lane: string,
  connection: S3Target['connection'],
  now: { ms: number; random: () => number }
): string => {
  const [date, app] = lane.split('/')
  const digits = (count: number) =>
    String(Math.floor(now.random() * 10 ** count)).padStart(count, '0')
  const time = `${compactTime(now.ms, '')}${String(now.ms % 1000).padStart(3, '0')}${digits(3)}`
  const extension = connection.use_compression ? '.txt.gz' : '.txt'
  const dated = date ? `${date}/` : ''
  return `${folder(connection.folder_name)}${dated}${app}_${time}_${digits(5)}${extension}`
}

const percentEncode = (key: string): string =>
  key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(
        /[!'()*]/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
      )
    )
    .join('/')

/** The URL of an object, with the bucket in the host name or in the path. */
export const objectUrl = (configuration: S3Configuration, bucket: string, key: string): string => {
  const { aws_region: region, endpoint_url: custom, addressing_style: style } = configuration
  const endpoint = new URL(custom || `https://s3.${region}.${awsDomain(region)}`)
  const isAddress = /^[\d.]+$|^\[/.test(endpoint.hostname)
  // The certificate of S3 covers one label below its host, so dotted buckets go into the path.
  const isVirtual =
    style === 'auto' ? !custom && !bucket.includes('.') : style === 'virtual' && !isAddress
  if (isVirtual) endpoint.hostname = `${bucket}.${endpoint.hostname}`
  const path = `${endpoint.pathname.replace(/\/$/, '')}${isVirtual ? '' : `/${bucket}`}`
  return `${endpoint.origin}${path}/${percentEncode(key)}`
}

const encryptionHeaders = (method: string): Record<string, string> => {
  if (method === 'None' || method === '') return {}
  const [, algorithm = method, keyId] = /^(aws:kms)(?::(.+))?$/.exec(method) ?? []
  return {
    'x-amz-server-side-encryption': algorithm,
    ...(keyId ? { 'x-amz-server-side-encryption-aws-kms-key-id': keyId } : {}),
  }
}

/** Writes one object. Writing it again with the same key and bytes changes nothing. */
export const putObject = async (
  target: S3Target,
  key: string,
  body: Uint8Array<ArrayBuffer>
): Promise<Outcome> => {
  const client = await target.access.client()
  if ('kind' in client) return client
  const { configuration, connection } = target
  const answer = await sendToAws(client, {
    service: 's3',
    region: configuration.aws_region,
    url: objectUrl(configuration, connection.bucket_name, key),
    method: 'PUT',
    headers: {
      'content-type': key.endsWith('.gz') ? 'application/gzip' : 'text/plain',
      // Without it aws4fetch would leave the body out of the signature.
      'x-amz-content-sha256': toHex(await crypto.subtle.digest('SHA-256', body)),
      ...encryptionHeaders(connection.server_side_encryption),
      ...(isRoleBased(configuration) ? { 'x-amz-acl': 'bucket-owner-full-control' } : {}),
    },
    body,
  })
  if (isExpiredToken(answer)) target.access.forget()
  return outcomeOf(answer)
}

/** Writes the object that proves a new connection's rights and settings. It is left in place. */
export const verifyBucket = (target: S3Target, nowMs: number): Promise<Outcome> => {
  const name = `weir_Bucket_Verification_${compactTime(nowMs, '-')}.txt`
  const key = `${folder(target.connection.folder_name)}${name}`
  return putObject(target, key, Uint8Array.from([0x7b, 0x7d]))
}
