import type { ConnectionSettings } from '../../connections/settings'
import type { TriggerSettings } from '../../connections/trigger-settings'
import { readStoredSettings } from '../../settings'
import { checkAccess } from '../aws/access'
import { accessClient } from '../aws/credentials'
import type { OpenedConnection, OutputKind } from '../kind'
import type { QueueTarget, WaitingLane } from '../target'
import { nextBatch } from './batch'
import { checkQueue } from './check'
import { isFifo, queueEndpoint } from './endpoint'
import { probeQueue } from './probe'
import { type Queue, sendMessages } from './send'
import { sqsConfiguration, sqsConnection, sqsTriggers } from './settings'

const parallelRequests = 5
const messagesPerRequest = 10
// Messages that come in within this time share rows, alarms and requests.
const gatherMs = 1000

const readConnection = (stored: unknown): ConnectionSettings => ({
  ...readStoredSettings(sqsConnection, stored),
  isQueue: true,
})

const readTriggers = (stored: unknown): TriggerSettings => ({
  ...readStoredSettings(sqsTriggers, stored),
  isQueue: true,
})

const openQueue = ({ configuration, settings, deployment }: OpenedConnection): Queue => {
  const opened = readStoredSettings(sqsConfiguration, configuration)
  const { endpoint_url } = opened
  const { queue_url, max_message_bytes } = readStoredSettings(sqsConnection, settings)
  const { region } = queueEndpoint(queue_url, {
    endpointUrl: endpoint_url,
    region: readStoredSettings(sqsTriggers, settings).aws_region,
  })
  const access = accessClient(opened, region, deployment)
  return { access, queue_url, endpoint_url, region, max_message_bytes }
}

const open = (connection: OpenedConnection): QueueTarget => {
  const queue = openQueue(connection)
  const isOrdered = isFifo(queue.queue_url)
  return {
    isQueue: true,
    needsContact: false,
    retention_hours: readStoredSettings(sqsConnection, connection.settings).retention_hours,
    // One request's worth more than is sent at once, so that requests are full while more waits.
    wanted: (parallelRequests + 1) * messagesPerRequest,
    parallel: isOrdered ? 1 : parallelRequests,
    isOrdered,
    isWhole: false,
    take: (waiting) => nextBatch(waiting, queue),
    send: (batch) => sendMessages(queue, batch),
    // Saving a connection sends nothing to its queue.
    verify: async ({ isThorough }) => (isThorough ? probeQueue(queue) : { kind: 'delivered' }),
  }
}

/** Amazon SQS, also FIFO queues: one message for each delivery. */
export const sqsKind: OutputKind = {
  label: 'Amazon SQS',
  configuration: sqsConfiguration,
  connection: sqsConnection,
  triggers: sqsTriggers,
  checkConfiguration: checkAccess,
  checkConnection: ({ settings, configuration, deployment }) =>
    configuration
      ? checkQueue(
          readStoredSettings(sqsConfiguration, configuration),
          readStoredSettings(sqsConnection, settings),
          deployment
        )
      : [],
  readConnection,
  readTriggers,
  // At once when a request is full.
  dueMs: ({ deliveries, opened_ms }: WaitingLane) =>
    deliveries >= messagesPerRequest ? 0 : opened_ms + gatherMs,
  open,
}
