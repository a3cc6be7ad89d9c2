import { isFifo, type SqsTarget, sendMessages, takeBatch } from '../../outputs/sqs'
import type { LaneState } from '../store/segments'
import type { Sender } from './sender'

const parallelRequests = 5
const messagesPerRequest = 10
// Rows, alarms and requests are shared by what comes in within this time.
const gatherMs = 1000

/** When a queue's next messages are sent, ms: 0 as soon as they fill a request. */
export const queueDueMs = (lane: LaneState): number =>
  lane.deliveries >= messagesPerRequest ? 0 : lane.opened_ms + gatherMs

export const queueSender = (target: SqsTarget): Sender => {
  const isOrdered = isFifo(target.queue_url)
  return {
    dueMs: queueDueMs,
    // One request's worth more than is sent at once, so that requests are full while more waits.
    wanted: (parallelRequests + 1) * messagesPerRequest,
    parallel: isOrdered ? 1 : parallelRequests,
    isOrdered,
    isWhole: false,
    take: (waiting) => takeBatch(waiting, target),
    send: (batch) => sendMessages(target, batch),
  }
}
