import { isObject, type Json } from '../../base/json'
import type { Outcome } from '../../delivery'
import type { AccessClient } from '../aws/credentials'
import { isExpiredToken, outcomeOf } from '../aws/outcome'
import { type AwsAnswer, sendToAws } from '../aws/request'
import type { QueuedDelivery } from '../target'
import { isFifo, queueEndpoint } from './endpoint'

/** A queue, with what is needed to send to it. */
export interface Queue {
  access: AccessClient
  queue_url: string
  endpoint_url?: string | undefined
  /** Instead of the one in the URL. */
  region?: string | undefined
  max_message_bytes: number
}

/** Sends up to ten messages in one request. The outcomes are in the order of the deliveries. */
export const sendMessages = async (queue: Queue, batch: QueuedDelivery[]): Promise<Outcome[]> => {
  const client = await queue.access.client()
  if ('kind' in client) return batch.map(() => client)
  const { url, region } = queueEndpoint(queue.queue_url, {
    endpointUrl: queue.endpoint_url,
    region: queue.region,
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
      QueueUrl: queue.queue_url,
      Entries: batch.map((delivery, i) => requestEntry(delivery, String(i), queue)),
    }),
  })
  if (isExpiredToken(answer)) queue.access.forget()
  const outcome = outcomeOf(answer)
  if (outcome.kind === 'delivered') return batch.map((_, i) => readEntry(answer, String(i)))
  // One message may have caused the refusal of the whole request: search for it by halves.
  if (outcome.kind === 'reject' && batch.length > 1) {
    const middle = Math.ceil(batch.length / 2)
    const first = await sendMessages(queue, batch.slice(0, middle))
    return [...first, ...(await sendMessages(queue, batch.slice(middle)))]
  }
  return batch.map(() => outcome)
}

const requestEntry = (delivery: QueuedDelivery, id: string, queue: Queue) => ({
  Id: id,
  MessageBody: delivery.text,
  MessageAttributes: Object.fromEntries(
    Object.entries(delivery.attributes ?? {}).map(([name, value]) => [
      name,
      { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) },
    ])
  ),
  ...(isFifo(queue.queue_url)
    ? { MessageGroupId: delivery.mpid, MessageDeduplicationId: delivery.id }
    : {}),
})

const list = (body: Json | undefined, name: string): Json[] => {
  const found = isObject(body) ? body[name] : undefined
  return Array.isArray(found) ? found : []
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

// Status 200 is not enough: each entry has its own result, and a misrouted request has none.
const readEntry = (answer: AwsAnswer, id: string): Outcome => {
  const body = 'text' in answer ? parse(answer.text) : undefined
  const sent = list(body, 'Successful').find((entry) => isObject(entry) && entry.Id === id)
  if (isObject(sent) && sent.MessageId) return { kind: 'delivered' }
  const failed = list(body, 'Failed').find((entry) => isObject(entry) && entry.Id === id)
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
