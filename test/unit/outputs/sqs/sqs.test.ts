import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Delivery } from '../../../../worker/delivery'
import { accessClient } from '../../../../worker/outputs/aws/credentials'
import type { Deployment } from '../../../../worker/outputs/deployment'
import { nextBatch } from '../../../../worker/outputs/sqs/batch'
import { checkQueue } from '../../../../worker/outputs/sqs/check'
import { queueEndpoint } from '../../../../worker/outputs/sqs/endpoint'
import { type Queue, sendMessages } from '../../../../worker/outputs/sqs/send'
import { sqsConfiguration, sqsConnection } from '../../../../worker/outputs/sqs/settings'
import { readStoredSettings } from '../../../../worker/settings'
import { awsError, readBatchRequest, scriptAws, takenBatch } from '../../../support/aws-answers'

const keys = { access_key_id: 'AKIDTEST', secret_access_key: 'test-secret' }
const deployment: Deployment = {
  service: undefined,
  allowsCustomEndpoints: false,
  roleBucketPrefix: 'mp-forwarding-',
}
const queue = 'https://sqs.eu-west-2.amazonaws.com/123456789012/events'

const targetOf = (given: Partial<Queue> = {}): Queue => ({
  access: accessClient(keys, 'eu-west-2', deployment),
  queue_url: queue,
  max_message_bytes: 1_048_576,
  ...given,
})
const delivery = (id: number, given: Partial<Delivery> = {}): Delivery => ({
  id: `d-${id}`,
  text: `{"n":${id}}`,
  events: 1,
  mpid: String(id),
  lane: '',
  attributes: { mpid: String(id) },
  ...given,
})
const deliveries = (count: number) => Array.from({ length: count }, (_, i) => delivery(i))

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the endpoint of a queue', () => {
  it.each([
    [queue, 'https://sqs.eu-west-2.amazonaws.com/', 'eu-west-2'],
    [
      'https://sqs.cn-north-1.amazonaws.com.cn/1/q',
      'https://sqs.cn-north-1.amazonaws.com.cn/',
      'cn-north-1',
    ],
    ['https://sqs.us-east-1.api.aws/1/q', 'https://sqs.us-east-1.api.aws/', 'us-east-1'],
    ['https://queue.amazonaws.com/1/q', 'https://sqs.us-east-1.amazonaws.com/', 'us-east-1'],
    [
      'https://eu-west-1.queue.amazonaws.com/1/q',
      'https://sqs.eu-west-1.amazonaws.com/',
      'eu-west-1',
    ],
    [
      'https://sqs-fips.us-west-2.amazonaws.com/1/q',
      'https://sqs-fips.us-west-2.amazonaws.com/',
      'us-west-2',
    ],
    [
      'https://vpce-1a-2b.sqs.eu-west-2.vpce.amazonaws.com/1/q',
      'https://vpce-1a-2b.sqs.eu-west-2.vpce.amazonaws.com/',
      'eu-west-2',
    ],
    ['http://localhost:4566/000000000000/q', 'http://localhost:4566/', 'us-east-1'],
  ])('%s is %s in %s', (queueUrl, url, region) => {
    expect(queueEndpoint(queueUrl)).toEqual({ url, region })
    const other = queueEndpoint(queueUrl, { endpointUrl: 'http://127.0.0.1:9/any/path' })
    expect(other).toEqual({ url: 'http://127.0.0.1:9/', region })
  })
})

describe('the rules of an SQS connection', () => {
  const problems = (queue_url: string, configuration: object = keys, given = {}) =>
    checkQueue(
      readStoredSettings(sqsConfiguration, configuration),
      readStoredSettings(sqsConnection, { queue_url }),
      { ...deployment, ...given }
    ).map((one) => one.code)

  it.each([
    [queue, keys, {}, []],
    [`${queue}.fifo`, keys, {}, []],
    ['https://sqs.eu-west-2.amazonaws.com/events', keys, {}, ['invalid_setting']],
    ['https://sqs.eu-west-2.amazonaws.com/123456789012/', keys, {}, ['invalid_setting']],
    ['https://sqs.eu-west-2.amazonaws.com/123456789012/a.b', keys, {}, ['invalid_setting']],
    ['https://sqs.evil.com/123456789012/q', keys, {}, ['invalid_setting']],
    ['http://sqs.eu-west-2.amazonaws.com/123456789012/q', keys, {}, ['invalid_setting']],
    ['http://localhost/123456789012/q', keys, { allowsCustomEndpoints: true }, []],
    [
      'http://localhost/123456789012/q',
      { ...keys, endpoint_url: 'https://sqs.us-east-1.amazonaws.com' },
      {},
      [],
    ],
    [queue, {}, {}, ['missing_credentials']],
    [queue, { role_arn: 'arn:aws:iam::123456789012:role/weir' }, {}, []],
  ])('for %s with %j and %j find %j', (url, configuration, given, codes) => {
    expect(problems(url, configuration, given)).toEqual(codes)
  })
})

describe('one request to a queue', () => {
  const sizes = (waiting: Delivery[], given: Partial<Queue> = {}) =>
    nextBatch(waiting, targetOf(given)).map((one) => one.id)

  it('takes at most ten deliveries, from the front', () => {
    expect(sizes(deliveries(12))).toEqual(deliveries(10).map((one) => one.id))
    expect(sizes(deliveries(3))).toHaveLength(3)
    expect(sizes([])).toEqual([])
  })

  it('takes what fits the size limit, attributes included, and one in any case', () => {
    const large = (id: number) => delivery(id, { text: 'x'.repeat(1000), attributes: {} })
    const many = [1, 2, 3, 4].map(large)
    expect(sizes(many, { max_message_bytes: 3000 })).toEqual(['d-1', 'd-2', 'd-3'])
    expect(sizes(many, { max_message_bytes: 2999 })).toEqual(['d-1', 'd-2'])
    expect(sizes(many, { max_message_bytes: 10 })).toEqual(['d-1'])
    const attributed = many.map((one) => ({ ...one, attributes: { a: '1' } }))
    expect(sizes(attributed, { max_message_bytes: 3000 })).toEqual(['d-1', 'd-2'])
  })

  it('takes one delivery of each message group of a FIFO queue', () => {
    const waiting = ['a', 'b', 'a', 'c', 'b'].map((mpid, id) => delivery(id, { mpid }))
    expect(sizes(waiting, { queue_url: `${queue}.fifo` })).toEqual(['d-0', 'd-1', 'd-3'])
  })

  it('does not let a group pass one that did not fit', () => {
    const waiting = ['a', 'b', 'b'].map((mpid, id) =>
      delivery(id, { mpid, text: 'x'.repeat(id === 1 ? 5000 : 10) })
    )
    const given = { queue_url: `${queue}.fifo`, max_message_bytes: 1024 }
    expect(sizes(waiting, given)).toEqual(['d-0'])
  })
})

describe('the outcomes of a request', () => {
  const send = (count: number, answer: (ids: string[]) => Response) => {
    scriptAws((call) => answer(readBatchRequest(call).Entries.map((one) => one.Id)))
    return sendMessages(targetOf(), deliveries(count))
  }
  const unjudged = { kind: 'retry', reason: 'SQS answered without a verdict on this message.' }

  it('are one for each message, in order', async () => {
    const outcomes = await send(4, () =>
      Response.json({
        Successful: [{ Id: '3', MessageId: 'm' }, { Id: '0', MessageId: 'm' }, { Id: '2' }],
        Failed: [{ Id: '1', SenderFault: true, Code: 'InvalidMessageContents', Message: 'No.' }],
      })
    )
    expect(outcomes).toEqual([
      { kind: 'delivered' },
      { kind: 'reject', reason: 'InvalidMessageContents No.' },
      unjudged,
      { kind: 'delivered' },
    ])
  })

  it.each([
    [
      { SenderFault: true, Code: 'C', Message: 'M' },
      { kind: 'reject', reason: 'C M' },
    ],
    [
      { SenderFault: true, Code: 'C' },
      { kind: 'reject', reason: 'C' },
    ],
    [
      { SenderFault: false, Code: 'InternalError' },
      { kind: 'retry', reason: 'InternalError' },
    ],
    [
      { Code: 'C', Message: 'M' },
      { kind: 'retry', reason: 'C M' },
    ],
    [{ SenderFault: 'true' }, { kind: 'retry', reason: '' }],
  ])('of an entry that failed as %j is %j', async (failed, outcome) => {
    const outcomes = await send(1, () => Response.json({ Failed: [{ Id: '0', ...failed }] }))
    expect(outcomes).toEqual([outcome])
  })

  it.each([
    '{}',
    '',
    '<html>',
    'null',
    '[]',
    '{"Successful":null}',
    '{"Successful":[{"Id":"9","MessageId":"m"}]}',
    '{"Successful":[{"Id":0,"MessageId":"m"}]}',
    '{"Successful":{"0":"m"}}',
  ])('are retries when a 200 says %s', async (text) => {
    expect(await send(2, () => new Response(text))).toEqual([unjudged, unjudged])
  })

  it('are the same for all when the whole request failed', async () => {
    const outcomes = await send(2, () => awsError(503, 'ServiceUnavailable'))
    expect(outcomes).toEqual(
      Array(2).fill({ kind: 'retry', reason: 'HTTP 503 ServiceUnavailable' })
    )
  })

  it.each([0, 3, 9])(
    'single out message %i, for which the whole request is refused',
    async (bad) => {
      const recorded = scriptAws((call) =>
        readBatchRequest(call).Entries.some((one) => one.MessageBody === `{"n":${bad}}`)
          ? awsError(400, 'InvalidMessageContents')
          : takenBatch(call)
      )
      const outcomes = await sendMessages(targetOf(), deliveries(10))
      expect(outcomes.map((one) => one.kind)).toEqual(
        Array.from({ length: 10 }, (_, i) => (i === bad ? 'reject' : 'delivered'))
      )
      expect(recorded.calls.length).toBeLessThan(11)
    }
  )

  it('are retries when nothing answers', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('Connection refused.'))
    expect(await sendMessages(targetOf(), deliveries(1))).toEqual([
      { kind: 'retry', reason: 'No answer: Connection refused.' },
    ])
  })
})

describe('a message', () => {
  it('goes out with its attributes, and in a FIFO queue with group and deduplication id', async () => {
    const recorded = scriptAws(takenBatch)
    await sendMessages(targetOf(), [delivery(1)])
    await sendMessages(targetOf({ queue_url: `${queue}.fifo` }), [delivery(1)])
    const entry = {
      Id: '0',
      MessageBody: '{"n":1}',
      MessageAttributes: { mpid: { DataType: 'String', StringValue: '1' } },
    }
    expect(recorded.calls.map(readBatchRequest)).toEqual([
      { QueueUrl: queue, Entries: [entry] },
      {
        QueueUrl: `${queue}.fifo`,
        Entries: [{ ...entry, MessageGroupId: '1', MessageDeduplicationId: 'd-1' }],
      },
    ])
    expect(recorded.calls[0]).toMatchObject({
      method: 'POST',
      url: 'https://sqs.eu-west-2.amazonaws.com/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessageBatch',
      },
      signed: { key: 'AKIDTEST', region: 'eu-west-2', service: 'sqs' },
    })
  })
})
