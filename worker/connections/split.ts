import type { Delivery } from '../delivery'
import type { OutboundEvent } from './outbound'

interface SplitOptions {
  id: string
  /** The queue's limit, attributes included. */
  maxBytes: number
  text: (events: OutboundEvent[], id: string) => string
  common: Pick<Delivery, 'mpid' | 'lane'> & { attributes: Record<string, string> }
}

const encoder = new TextEncoder()
export const byteLength = (text: string): number => encoder.encode(text).byteLength

const typeBytes = 'String'.length

/** What a message counts against the queue's limit: body, and names, types and values. */
export const messageBytes = (text: string, attributes: Record<string, string>): number =>
  Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + byteLength(name) + typeBytes + byteLength(value),
    byteLength(text)
  )

/**
 * Makes messages that fit the queue, halving a batch that does not by its events. One event that
 * is too large alone comes back as a delivery that cannot be sent.
 */
export const splitMessage = (events: OutboundEvent[], options: SplitOptions): Delivery[] => {
  const { id, maxBytes, common } = options
  // JSON leaves these two characters raw, and SQS refuses them.
  const text = options
    .text(events, id)
    .replaceAll('\ufffe', '\\ufffe')
    .replaceAll('\uffff', '\\uffff')
  const delivery = { ...common, id, text, events: events.length }
  const bytes = messageBytes(text, common.attributes)
  if (bytes <= maxBytes) return [delivery]
  if (events.length < 2) {
    const unsendable = `The message has ${bytes} bytes; the queue takes ${maxBytes}.`
    return [{ ...delivery, unsendable }]
  }
  const middle = Math.ceil(events.length / 2)
  return [
    ...splitMessage(events.slice(0, middle), { ...options, id: `${id}a` }),
    ...splitMessage(events.slice(middle), { ...options, id: `${id}b` }),
  ]
}
