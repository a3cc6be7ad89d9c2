import type { Delivery } from '../delivery'
import type { OutboundEvent } from './outbound'

interface SplitOptions {
  id: string
  /** The queue's limit, attributes included, or that of a line. */
  maxBytes: number
  text: (events: OutboundEvent[], id: string) => string
  common: Pick<Delivery, 'mpid' | 'lane'> & { attributes: Record<string, string> }
}

const encoder = new TextEncoder()
export const byteLength = (text: string): number => encoder.encode(text).byteLength

const typeBytes = 'String'.length

/** What a message counts against the queue's limit: body, and names, types and values. */
export const messageBytes = (text: string, attributes: Record<string, string | number>): number =>
  Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + byteLength(name) + typeBytes + byteLength(String(value)),
    byteLength(text)
  )

/** The most that one line or stored delivery may have: a row of SQLite takes 2 MB. */
export const lineBytes = 1_500_000
// What all messages of one batch may come to. Each repeats the fields that its events share.
const repeatedBytes = 16_000_000

/**
 * Makes messages that fit the queue, halving a batch that does not by its events. What cannot be
 * made to fit comes back as deliveries that cannot be sent: one event that is too large alone, or
 * a batch whose shared fields leave its events no room.
 */
export const splitMessage = (events: OutboundEvent[], options: SplitOptions): Delivery[] => {
  const { maxBytes, common } = options
  const whole = makeMessage(events, options)
  if (whole.bytes <= maxBytes) return [whole.delivery]
  const shared = messageBytes(options.text([], options.id), common.attributes)
  const room = maxBytes - shared
  const repeated = (shared * (whole.bytes - shared)) / Math.max(room, 1)
  if (events.length < 2 || (room > 0 && repeated <= repeatedBytes)) return halve(events, options)
  const unsendable = `The fields that the events share have ${shared} bytes; the queue takes ${maxBytes}.`
  return halve(events, { ...options, maxBytes: lineBytes }).map((one) => ({ ...one, unsendable }))
}

/**
 * Events to be sent one by one, unless repeating what they share would come to too much: then as
 * many together as it takes.
 */
export const individually = (events: OutboundEvent[], sharedBytes: number): OutboundEvent[][] => {
  const size = Math.max(1, Math.ceil((events.length * sharedBytes) / repeatedBytes))
  const groups: OutboundEvent[][] = []
  for (let i = 0; i < events.length; i += size) groups.push(events.slice(i, i + size))
  return groups
}

const makeMessage = (
  events: OutboundEvent[],
  { id, common, text: write }: SplitOptions
): { delivery: Delivery; bytes: number } => {
  // JSON leaves these two characters raw, and SQS refuses them.
  const text = write(events, id).replaceAll('\ufffe', '\\ufffe').replaceAll('\uffff', '\\uffff')
  const delivery = { ...common, id, text, events: events.length }
  return { delivery, bytes: messageBytes(text, common.attributes) }
}

const halve = (events: OutboundEvent[], options: SplitOptions): Delivery[] => {
  const { id, maxBytes } = options
  const { delivery, bytes } = makeMessage(events, options)
  if (bytes <= maxBytes) return [delivery]
  if (events.length < 2) {
    const unsendable = `The message has ${bytes} bytes; the queue takes ${maxBytes}.`
    return [{ ...delivery, unsendable }]
  }
  const middle = Math.ceil(events.length / 2)
  return [
    ...halve(events.slice(0, middle), { ...options, id: `${id}a` }),
    ...halve(events.slice(middle), { ...options, id: `${id}b` }),
  ]
}
