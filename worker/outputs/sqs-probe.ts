import type { Outcome } from '../delivery'
import { outcomeOf, sendToAws } from './aws'
import { queueEndpoint, type SqsTarget } from './sqs'

/**
 * Asks a queue whether it can be sent to, without sending: a batch without messages, which SQS
 * refuses only once it has found the queue and the signature good. No right but SendMessage is needed.
 */
export const probeQueue = async (target: SqsTarget): Promise<Outcome> => {
  const client = await target.access.client()
  if ('kind' in client) return client
  const { queue_url, endpoint_url: endpointUrl, region: given } = target
  const { url, region } = queueEndpoint(queue_url, { endpointUrl, region: given })
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
