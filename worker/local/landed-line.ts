import { isObject } from '../json'
import { type Landed, textOf } from './aws/landed'

/**
 * One line about a message or an object that a client stored:
 * `12:03:11  bucket  weir-demo/events/2026-11-21/Shop_….txt  1,234 bytes  2 events, custom_event "Signed up"`
 */
export const landedLine = async (item: Landed, at: Date): Promise<string> => {
  const place = item.kind === 'message' ? item.queue : `${item.bucket}/${item.key}`
  const isGzip = item.kind === 'object' && item.key.endsWith('.gz')
  const { text } = await textOf(Buffer.from(item.body), isGzip)
  return [
    at.toTimeString().slice(0, 8),
    item.kind === 'message' ? 'queue ' : 'bucket',
    place,
    `${item.bytes.toLocaleString('en')} bytes`,
    eventsIn(text),
  ].join('  ')
}

/** `2 events, custom_event "Signed up"`: all that the batches of a text hold, and the first. */
const eventsIn = (text: string): string => {
  const events = text.split('\n').flatMap(eventsOfBatch)
  const count = `${events.length.toLocaleString('en')} ${events.length === 1 ? 'event' : 'events'}`
  return events.length > 0 ? `${count}, ${nameOf(events[0])}` : count
}

const eventsOfBatch = (line: string): unknown[] => {
  if (line === '') return []
  try {
    const batch: unknown = JSON.parse(line)
    return isObject(batch) && Array.isArray(batch.events) ? batch.events : []
  } catch {
    return []
  }
}

const nameOf = (event: unknown): string => {
  if (!isObject(event)) return '?'
  const data = isObject(event.data) ? event.data : {}
  const name = data.event_name ?? data.screen_name
  return `${event.event_type}${typeof name === 'string' ? ` ${JSON.stringify(name)}` : ''}`
}
