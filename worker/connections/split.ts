import type { Delivery } from '../delivery'
import type { OutboundEvent } from './outbound'

interface SplitOptions {
  id: string
  /** Limit of a queue's message, attributes included, or of a line. */
  maxBytes: number
  text: (events: OutboundEvent[], id: string) => string
  common: Pick<Delivery, 'mpid' | 'lane'> & { attributes: Record<string, string> }
}

const encoder = new TextEncoder()
export const byteLength = (text: string): number => encoder.encode(text).byteLength

const typeBytes = 'String'.length

/**
 * The bytes of a message that count towards SQS's limit: body, and names, types and values of
 * attributes.
 */
export const messageBytes = (text: string, attributes: Record<string, string | number>): number =>
  Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + byteLength(name) + typeBytes + byteLength(String(value)),
    byteLength(text)
  )

/** Limit of a line or stored delivery: a row of SQLite holds at most 2 MB. */
export const lineBytes = 1_500_000
// Limit of all messages of one batch together. Each message repeats the fields that the events
// share.
const repeatedBytes = 16_000_000

/**
 * Makes messages that fit the queue: a batch that is too large is halved, by its events, until all
 * parts fit. An event that is too large by itself, or a batch whose shared fields leave no room for
 * events, becomes a delivery with `unsendable` set.
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
  return halve(events, { ...options, maxBytes: lineBytes }).map((delivery) => ({
    ...delivery,
    unsendable,
  }))
}

/**
 * Splits events into groups of one each; into larger groups where repeating the shared fields for
 * each event would exceed the limit.
 */
export const splitIndividually = (
  events: OutboundEvent[],
  sharedBytes: number
): OutboundEvent[][] => {
  const size = Math.max(1, Math.ceil((events.length * sharedBytes) / repeatedBytes))
  const groups: OutboundEvent[][] = []
  for (let i = 0; i < events.length; i += size) groups.push(events.slice(i, i + size))
  return groups
}

const makeMessage = (
  events: OutboundEvent[],
  { id, common, text: writeText }: SplitOptions
): { delivery: Delivery; bytes: number } => {
  // JSON does not escape these two characters, and SQS rejects them.
  const text = writeText(events, id).replaceAll('\ufffe', '\\ufffe').replaceAll('\uffff', '\\uffff')
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
