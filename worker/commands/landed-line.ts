import { isObject, type JsonObject } from '../base/json'
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
    contentsOf(text),
  ].join('  ')
}

/** `2 events, custom_event "Signed up"`: all that the lines of a text hold, and the first. */
const contentsOf = (text: string): string => {
  const lines = text.split('\n').flatMap(readLine)
  const changes = lines.flatMap(changesOf)
  if (changes.length > 0) return counted(changes, 'change')
  return counted(lines.flatMap(eventsOf), 'event')
}

const counted = (names: string[], what: string): string => {
  const count = `${names.length.toLocaleString('en')} ${what}${names.length === 1 ? '' : 's'}`
  return names.length > 0 ? `${count}, ${names[0]}` : count
}

const readLine = (line: string): JsonObject[] => {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? [value] : []
  } catch {
    return []
  }
}

// Of audiences.
const changesOf = ({ data }: JsonObject): string[] =>
  isObject(data) && Array.isArray(data.segment_events)
    ? data.segment_events.flatMap((change) =>
        isObject(change) ? `${change.event} "${change.slug}"` : []
      )
    : []

// Of a batch, or a flat record.
const eventsOf = (line: JsonObject): string[] => {
  if (Array.isArray(line.events)) return line.events.map(nameOf)
  return typeof line.event_type === 'string' ? [line.event_type] : []
}

const nameOf = (event: unknown): string => {
  if (!isObject(event)) return '?'
  const data = isObject(event.data) ? event.data : {}
  const name = data.event_name ?? data.screen_name
  return `${event.event_type}${typeof name === 'string' ? ` ${JSON.stringify(name)}` : ''}`
}
