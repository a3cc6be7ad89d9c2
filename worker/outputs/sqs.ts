import { isObject, type Json } from '../base/json'
import { type Problem, problem } from '../base/problem'
import { sharedSettings } from '../connections/settings'
import { messageBytes } from '../connections/split'
import { triggerSettings } from '../connections/trigger-settings'
import type { Delivery, Outcome } from '../delivery'
import { settings, type Values } from '../settings'
import { type AwsAnswer, isExpiredToken, outcomeOf, sendToAws } from './aws'
import { type AccessClient, accessSettings, type Deployment, mayUse } from './credentials'

export const sqsConfiguration = settings(accessSettings)

export const sqsConnection = settings({
  queue_url: {
    type: 'url',
    label: 'Queue URL',
    help: 'The queue to send to. A name that ends in .fifo: the mpid is the message group.',
    required: true,
    source: 'sqs',
  },
  max_message_bytes: {
    type: 'number',
    label: 'Largest Message',
    help: "The queue's MaximumMessageSize. A batch above it is split by its events.",
    default: 1_048_576,
    unit: 'bytes',
    min: 1024,
    max: 1_048_576,
    source: 'weir',
  },
  ...sharedSettings,
})

export const sqsTriggers = settings({
  queue_url: sqsConnection.queue_url,
  aws_region: {
    type: 'text',
    label: 'Region',
    help: "The queue's region, whatever its URL says.",
    required: true,
    pattern: '^[a-z0-9-]{2,32}$',
    patternHelp: 'must be a region such as eu-central-1',
    source: 'lytics',
  },
  message_attributes: {
    type: 'list',
    label: 'Event/User Attributes',
    help: 'The attributes and identities of the user that are sent as message attributes, too.',
    most: 10,
    source: 'lytics',
  },
  max_message_bytes: sqsConnection.max_message_bytes,
  ...triggerSettings,
})

export type SqsConfiguration = Values<typeof sqsConfiguration>
export type SqsConnection = Values<typeof sqsConnection>

const legacyHost = /^(?:([a-z0-9-]+)\.)?queue\.amazonaws\.com$/
// Also FIPS endpoints (sqs-fips.REGION) and VPC endpoints (vpce-ID.sqs.REGION).
const regionalHost = /(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\./

/** Where a queue URL points: the endpoint that takes requests for it, and its region. */
export const queueEndpoint = (
  queueUrl: string,
  given: { endpointUrl?: string | undefined; region?: string | undefined } = {}
): { url: string; region: string } => {
  const queue = new URL(queueUrl)
  const legacy = legacyHost.exec(queue.hostname)
  const told = legacy ? legacy[1] : regionalHost.exec(queue.hostname)?.[1]
  const known = given.region || told || 'us-east-1'
  const origin = legacy ? `https://sqs.${known}.amazonaws.com` : queue.origin
  const { endpointUrl } = given
  return { url: `${endpointUrl ? new URL(endpointUrl).origin : origin}/`, region: known }
}

/** Rules across the rows, without I/O. */
export const checkSqs = (
  configuration: SqsConfiguration,
  connection: Pick<SqsConnection, 'queue_url'>,
  deployment: Deployment
): Problem[] => {
  const problems: Problem[] = []
  const { queue_url: queueUrl } = connection
  if (!/^\/\d{12}\/[\w-]{1,80}(\.fifo)?$/.test(new URL(queueUrl).pathname)) {
    const message = 'queue_url must end in /ACCOUNT_ID/QUEUE_NAME.'
    problems.push(problem('invalid_setting', 'queue_url', message))
  }
  if (!configuration.endpoint_url && !mayUse(queueUrl, deployment)) {
    const message = 'queue_url must be an https URL of AWS; others need ALLOW_CUSTOM_ENDPOINTS.'
    problems.push(problem('invalid_setting', 'queue_url', message))
  }
  if (!configuration.access_key_id && !configuration.role_arn) {
    const message = 'The output needs an access_key_id and secret_access_key, or a role_arn.'
    problems.push(problem('missing_credentials', 'queue_url', message))
  }
  return problems
}

export interface SqsTarget {
  access: AccessClient
  queue_url: string
  endpoint_url?: string | undefined
  /** Goes before the one that the URL suggests. */
  region?: string | undefined
  max_message_bytes: number
}

export const isFifo = (queueUrl: string): boolean => queueUrl.endsWith('.fifo')

const entriesPerRequest = 10

/**
 * The deliveries from the front that fit one SendMessageBatch: at most ten, and together within
 * the size limit. In a FIFO queue at most one of each message group, since a partial failure would
 * otherwise put a later message of the group before an earlier one.
 */
export const takeBatch = <T extends Delivery>(waiting: Iterable<T>, target: SqsTarget): T[] => {
  const batch: T[] = []
  const groups = new Set<string>()
  let bytes = 0
  for (const delivery of waiting) {
    if (isFifo(target.queue_url)) {
      if (groups.has(delivery.mpid)) continue
      groups.add(delivery.mpid)
    }
    bytes += messageBytes(delivery.text, delivery.attributes ?? {})
    if (batch.length > 0 && bytes > target.max_message_bytes) break
    batch.push(delivery)
    if (batch.length === entriesPerRequest) break
  }
  return batch
}

/** Sends up to ten messages in one request. The outcomes are in the order of the deliveries. */
export const sendMessages = async (target: SqsTarget, batch: Delivery[]): Promise<Outcome[]> => {
  const client = await target.access.client()
  if ('kind' in client) return batch.map(() => client)
  const { url, region } = queueEndpoint(target.queue_url, {
    endpointUrl: target.endpoint_url,
    region: target.region,
  })
  const answer = await sendToAws(client, {
    service: 'sqs',
    region,
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
    },
    body: JSON.stringify({
      QueueUrl: target.queue_url,
      Entries: batch.map((delivery, i) => entry(delivery, String(i), target)),
    }),
  })
  if (isExpiredToken(answer)) target.access.forget()
  const outcome = outcomeOf(answer)
  if (outcome.kind === 'delivered') return batch.map((_, i) => readEntry(answer, String(i)))
  // The whole request was refused for what may be the fault of one message: find that one.
  if (outcome.kind === 'reject' && batch.length > 1) {
    const middle = Math.ceil(batch.length / 2)
    const first = await sendMessages(target, batch.slice(0, middle))
    return [...first, ...(await sendMessages(target, batch.slice(middle)))]
  }
  return batch.map(() => outcome)
}

const entry = (delivery: Delivery, id: string, target: SqsTarget) => ({
  Id: id,
  MessageBody: delivery.text,
  MessageAttributes: Object.fromEntries(
    Object.entries(delivery.attributes ?? {}).map(([name, value]) => [
      name,
      { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) },
    ])
  ),
  ...(isFifo(target.queue_url)
    ? { MessageGroupId: delivery.mpid, MessageDeduplicationId: delivery.id }
    : {}),
})

const list = (body: Json | undefined, name: string): Json[] => {
  const found = isObject(body) ? body[name] : undefined
  return Array.isArray(found) ? found : []
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

// 200 says nothing by itself: each entry has its own verdict, and a misrouted request has none.
const readEntry = (answer: AwsAnswer, id: string): Outcome => {
  const body = 'text' in answer ? parse(answer.text) : undefined
  const sent = list(body, 'Successful').find((one) => isObject(one) && one.Id === id)
  if (isObject(sent) && sent.MessageId) return { kind: 'delivered' }
  const failed = list(body, 'Failed').find((one) => isObject(one) && one.Id === id)
  if (!isObject(failed)) {
    return { kind: 'retry', reason: 'SQS answered without a verdict on this message.' }
  }
  const reason = `${text(failed.Code)} ${text(failed.Message)}`.trim()
  return failed.SenderFault === true ? { kind: 'reject', reason } : { kind: 'retry', reason }
}

const parse = (json: string): Json | undefined => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
