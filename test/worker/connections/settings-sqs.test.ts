import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { readBatchRequest } from '../../support/aws-answers'
import { mpid, receivedMs } from '../../support/outbound'
import type { Picture } from '../../support/picture'
import {
  forgetMessageIds,
  rejoin,
  type SettingCase,
  sharedCases,
  testSettings,
} from '../../support/setting-cases'

type Calls = Pick<Picture, 'calls'>

const keyless = { access_key_id: '', secret_access_key: '' }
const role_arn = 'arn:aws:iam::123456789012:role/weir'
const queue = 'https://sqs.us-east-1.amazonaws.com/123456789012/events'

const send = ({ calls }: Calls) => calls.at(-1)!

const rewrite = (picture: Calls, change: (body: ReturnType<typeof readBatchRequest>) => void) => {
  const body = readBatchRequest(send(picture))
  change(body)
  send(picture).body = JSON.stringify(body)
}

const cases: SettingCase[] = [
  ...sharedCases,
  {
    setting: 'access_key_id',
    does: 'signs the requests',
    given: { access_key_id: 'AKIDOTHER' },
    change: (picture) => {
      send(picture).signed.key = 'AKIDOTHER'
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
    given: { ...keyless, role_arn },
    change: (picture) => {
      send(picture).signed.key = 'ASIAROLE'
      send(picture).headers['x-amz-security-token'] = 'role-token'
    },
    undo: (picture) => {
      const assume = picture.calls.shift()!
      expect(assume.signed).toEqual({ key: 'AKIDSERVICE', region: 'us-east-1', service: 'sts' })
      expect(new URLSearchParams(assume.body).get('RoleArn')).toBe(role_arn)
    },
  },
  {
    setting: 'external_id',
    does: 'is shown when the role is assumed',
    beside: { ...keyless, role_arn },
    given: { external_id: 'customer-1' },
    change: (picture) => {
      picture.calls[0]!.body += '&ExternalId=customer-1'
    },
  },
  {
    setting: 'endpoint_url',
    does: 'takes the requests instead of AWS',
    given: { endpoint_url: 'https://vpce-1.sqs.us-east-1.vpce.amazonaws.com' },
    change: (picture) => {
      send(picture).url = 'https://vpce-1.sqs.us-east-1.vpce.amazonaws.com/'
    },
  },
  {
    setting: 'queue_url',
    does: 'names the queue and its region',
    given: { queue_url: queue.replace('us-east-1', 'eu-west-2') },
    change: (picture) => {
      send(picture).url = 'https://sqs.eu-west-2.amazonaws.com/'
      send(picture).signed.region = 'eu-west-2'
      rewrite(picture, (body) => {
        body.QueueUrl = queue.replace('us-east-1', 'eu-west-2')
      })
    },
  },
  {
    setting: 'queue_url',
    does: 'of a FIFO queue makes the mpid the group and the delivery the deduplication id',
    given: { queue_url: `${queue}.fifo` },
    change: (picture) => {
      rewrite(picture, (body) => {
        body.QueueUrl = `${queue}.fifo`
        for (const entry of body.Entries) {
          Object.assign(entry, { MessageGroupId: mpid, MessageDeduplicationId: 'd-0' })
        }
      })
    },
  },
  {
    setting: 'max_message_bytes',
    does: 'splits larger batches by their events',
    given: { max_message_bytes: 3000 },
    change: forgetMessageIds,
    undo: (picture) => {
      expect(picture.batches.rich.deliveries.length).toBeGreaterThan(1)
      rejoin(picture)
      forgetMessageIds(picture)
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

describe('on an SQS connection', () => {
  testSettings('sqs', cases)
})
