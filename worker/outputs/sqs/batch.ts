import { messageBytes } from '../../connections/split'
import type { QueuedDelivery } from '../target'
import { isFifo } from './endpoint'
import type { Queue } from './send'

const entriesPerRequest = 10

/**
 * The deliveries from the front that fit one SendMessageBatch: at most ten, and together within
 * the size limit. In a FIFO queue at most one of each message group, since a partial failure would
 * otherwise put a later message of the group before an earlier one.
 */
export const nextBatch = <T extends QueuedDelivery>(waiting: Iterable<T>, queue: Queue): T[] => {
  const batch: T[] = []
  const groups = new Set<string>()
  let bytes = 0
  for (const delivery of waiting) {
    if (isFifo(queue.queue_url)) {
      if (groups.has(delivery.mpid)) continue
      groups.add(delivery.mpid)
    }
    bytes += messageBytes(delivery.text, delivery.attributes ?? {})
    if (batch.length > 0 && bytes > queue.max_message_bytes) break
    batch.push(delivery)
    if (batch.length === entriesPerRequest) break
  }
  return batch
}
