import type { Outcome } from '../../delivery'
import { outcomeOf } from '../aws/outcome'
import { sendToAws } from '../aws/request'
import { queueEndpoint } from './endpoint'
import type { Queue } from './send'

/**
 * Tests whether a queue can be sent to, without sending a message: by an empty batch, which SQS
 * refuses only after it has found the queue and accepted the signature. Needs no right but
 * SendMessage.
 */
export const probeQueue = async (queue: Queue): Promise<Outcome> => {
  const client = await queue.access.client()
  if ('kind' in client) return client
  const { queue_url, endpoint_url: endpointUrl } = queue
  const { url, region } = queueEndpoint(queue_url, { endpointUrl, region: queue.region })
  const answer = await sendToAws(client, {
    service: 'sqs',
    region,
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
    },
    body: JSON.stringify({ QueueUrl: queue_url, Entries: [] }),
  })
  const isEmpty =
    'text' in answer &&
    /EmptyBatchRequest|MissingParameter|SendMessageBatchRequestEntry/.test(answer.text)
  return isEmpty ? { kind: 'delivered' } : outcomeOf(answer)
}
