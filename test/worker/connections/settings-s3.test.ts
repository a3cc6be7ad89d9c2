import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { toHex } from '../../../worker/base/hash'
import { receivedMs } from '../../support/outbound'
import type { Picture } from '../../support/picture'
import { type SettingCase, sharedCases, testSettings } from '../../support/setting-cases'

type Calls = Pick<Picture, 'calls'>

const serverMade = ['message_id', 'message_type', 'schema_version', 'system_notifications']
const keyless = { access_key_id: '', secret_access_key: '' }
const role_arn = 'arn:aws:iam::123456789012:role/weir'

// The picture's file is one line break.
const gzip = async () => {
  const stream = new Blob(['\n']).stream().pipeThrough(new CompressionStream('gzip'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  const hash = toHex(await crypto.subtle.digest('SHA-256', bytes))
  return { text: new TextDecoder().decode(bytes), hash }
}
const gzipped = await gzip()

const put = ({ calls }: Calls) => calls.at(-1)!

const headers = (more: Record<string, string>) => (picture: Calls) => {
  Object.assign(put(picture).headers, more)
}

const url = (replace: [from: string, to: string]) => (picture: Calls) => {
  put(picture).url = put(picture).url.replace(...replace)
}

const encryption = (method: string, more: Record<string, string>): SettingCase => ({
  setting: 'server_side_encryption',
  does: `${method} is requested for every file`,
  given: { server_side_encryption: method },
  change: headers(more),
})

const folder = (store_by_date: string, dates: Record<string, string>): SettingCase => ({
  setting: 'store_by_date',
  does: `${store_by_date} chooses the dated folder`,
  given: { store_by_date },
  change: ({ batches, aliases }) => {
    expect(aliases).toEqual([])
    for (const [name, { deliveries }] of Object.entries(batches)) {
      for (const delivery of deliveries) delivery.lane = `${dates[name]}/Demo-Shop`
    }
  },
})

const host = 'mp-forwarding-events.s3.us-east-1.amazonaws.com'

const cases: SettingCase[] = [
  ...sharedCases,
  {
    setting: 'access_key_id',
    does: 'signs the requests',
    given: { access_key_id: 'AKIDOTHER' },
    change: (picture) => {
      put(picture).signed.key = 'AKIDOTHER'
    },
  },
  {
    setting: 'access_key_id',
    does: 'blank uses the deployment’s identity, and makes the bucket’s owner own the objects',
    given: keyless,
    change: (picture) => {
      put(picture).signed.key = 'AKIDSERVICE'
      headers({ 'x-amz-acl': 'bucket-owner-full-control' })(picture)
    },
  },
  {
    setting: 'secret_access_key',
    does: 'makes the signature',
    given: { secret_access_key: 'another-secret' },
  },
  {
    setting: 'role_arn',
    does: 'is assumed by the deployment’s identity',
    beside: keyless,
    given: { role_arn },
    change: (picture) => {
      put(picture).signed.key = 'ASIAROLE'
      delete put(picture).headers['x-amz-acl']
      headers({ 'x-amz-security-token': 'role-token' })(picture)
    },
    undo: (picture) => {
      const assume = picture.calls.shift()!
      expect(assume.signed).toEqual({ key: 'AKIDSERVICE', region: 'us-east-1', service: 'sts' })
      expect(assume.url).toBe('https://sts.us-east-1.amazonaws.com/')
      expect(Object.fromEntries(new URLSearchParams(assume.body))).toEqual({
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: role_arn,
        RoleSessionName: 'weir',
        DurationSeconds: '3600',
      })
    },
  },
  {
    setting: 'external_id',
    does: 'is shown when the role is assumed',
    beside: { ...keyless, role_arn },
    given: { external_id: 'customer-1' },
    change: ({ calls }) => {
      calls[0]!.body += '&ExternalId=customer-1'
    },
  },
  {
    setting: 'endpoint_url',
    does: 'takes the requests instead of AWS, with the bucket in the path',
    given: { endpoint_url: 'https://store.example:9000/s3/' },
    change: url([host, 'store.example:9000/s3/mp-forwarding-events']),
  },
  {
    setting: 'aws_region',
    does: 'is the region of the endpoint and of the signature',
    given: { aws_region: 'eu-central-1' },
    change: (picture) => {
      put(picture).signed.region = 'eu-central-1'
      url(['us-east-1', 'eu-central-1'])(picture)
    },
  },
  {
    setting: 'aws_region',
    does: 'in China has another domain',
    given: { aws_region: 'cn-north-1' },
    change: (picture) => {
      put(picture).signed.region = 'cn-north-1'
      url(['us-east-1.amazonaws.com', 'cn-north-1.amazonaws.com.cn'])(picture)
    },
  },
  {
    setting: 'addressing_style',
    does: 'path puts the bucket into the path',
    given: { addressing_style: 'path' },
    change: url([host, 's3.us-east-1.amazonaws.com/mp-forwarding-events']),
  },
  {
    setting: 'addressing_style',
    does: 'virtual puts the bucket into the host name, also of another endpoint',
    beside: { endpoint_url: 'https://store.example:9000' },
    given: { addressing_style: 'virtual' },
    change: url([
      'store.example:9000/mp-forwarding-events',
      'mp-forwarding-events.store.example:9000',
    ]),
  },
  {
    setting: 'bucket_name',
    does: 'is where the files go',
    given: { bucket_name: 'other-bucket' },
    change: url(['mp-forwarding-events', 'other-bucket']),
  },
  {
    setting: 'folder_name',
    does: 'goes before every key',
    given: { folder_name: '/raw/web/' },
    change: (picture) => {
      picture.file!.key = `raw/web/${picture.file!.key}`
      url(['.com/', '.com/raw/web/'])(picture)
    },
  },
  encryption('AES256', { 'x-amz-server-side-encryption': 'AES256' }),
  encryption('aws:kms', { 'x-amz-server-side-encryption': 'aws:kms' }),
  encryption('aws:kms:arn:aws:kms:eu-west-1:123456789012:key/1a-2b', {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:eu-west-1:123456789012:key/1a-2b',
  }),
  // The base is `none`. The first event is of the evening before last; one has no timestamp.
  {
    setting: 'store_by_date',
    does: 'none is the base folder',
    beside: { store_by_date: 'upload_time' },
    given: { store_by_date: 'none' },
    change: ({ batches }) => {
      for (const { deliveries } of Object.values(batches)) deliveries[0]!.lane = '/Demo-Shop'
    },
  },
  folder('upload_time', {
    rich: '2026-11-21',
    eventless: '2026-11-21',
    historical: '2026-11-21',
    android: '2026-11-21',
  }),
  folder('event_time', {
    rich: '2026-11-19',
    eventless: '',
    historical: '2026-11-19',
    android: '2026-11-19',
  }),
  folder('event_time_or_upload_time', {
    rich: '2026-11-19',
    eventless: '2026-11-21',
    historical: '2026-11-19',
    android: '2026-11-19',
  }),
  {
    setting: 'use_compression',
    does: 'on writes gzip files',
    given: { use_compression: true },
    change: (picture) => {
      picture.file!.key += '.gz'
      put(picture).url += '.gz'
      put(picture).body = gzipped.text
      headers({
        'content-type': 'application/gzip',
        'x-amz-content-sha256': gzipped.hash,
      })(picture)
    },
  },
  {
    setting: 'raw_data_feed',
    does: 'on keeps the inbound form: identities as a map, no message fields',
    given: { raw_data_feed: true },
    change: ({ batches }) => {
      for (const { body } of Object.values(batches).flatMap((batch) => batch.deliveries)) {
        for (const name of serverMade) delete body[name]
        body.user_identities = { customer_id: 'cust-42', email: 'ada@example.org' }
      }
    },
  },
  {
    setting: 'wait_for_complete_batch',
    does: 'on holds an Android session until its end',
    given: { wait_for_complete_batch: true },
    change: ({ batches }) => {
      batches.android.window = 'session'
    },
  },
  {
    setting: 'wait_for_complete_batch',
    does: 'on sends an Android session as one batch, whatever Send as Batch is',
    beside: { send_as_batch: false },
    given: { wait_for_complete_batch: true },
    change: ({ batches: { android } }) => {
      android.window = 'session'
      const [first, second] = android.deliveries
      first!.body.events.push(...second!.body.events)
      android.deliveries = [{ ...first!, events: 2 }]
    },
  },
  {
    setting: 'file_seconds',
    does: 'is how long a file is gathered',
    given: { file_seconds: 5 },
    change: ({ file }) => {
      Object.assign(file!, { smallDueMs: receivedMs + 5000, mediumDueMs: receivedMs + 5000 })
    },
  },
  {
    setting: 'file_bytes',
    does: 'is how large a file may become before it is written',
    given: { file_bytes: 65_536 },
    change: ({ file }) => {
      file!.mediumDueMs = 0
    },
  },
]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: receivedMs })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('on an S3 connection', () => {
  testSettings('s3', cases)
})
