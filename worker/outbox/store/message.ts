import { isObject, parseJson, readInt64 } from '../../base/json'
import type { Delivery } from '../../delivery'

/** A queue's delivery as it was stored. */
export type StoredMessage = Pick<Delivery, 'id' | 'mpid' | 'events' | 'lane' | 'text'> & {
  attributes?: Record<string, string | number>
}

/** Whose a delivery is, and how many events it holds. */
export type Owner = Pick<Delivery, 'mpid' | 'events'>

// JSON text has no bare tab inside a string and begins with none of ours, so that lines that were
// stored without a mark stay readable.
const mark = /^\t(-?\d+) (\d+)\t/
const marks = /^\t-?\d+ \d+\t/gm

/** As a segment holds it: queues need all facts beside the text, files only know whose line it is. */
export const writeDelivery = ({ id, mpid, events, attributes, text, lane }: Delivery): string =>
  lane === ''
    ? `${JSON.stringify({ id, mpid, events, attributes })}\n${text}\n`
    : `\t${mpid} ${events}\t${text}\n`

export const readMessages = (body: string): StoredMessage[] => {
  const lines = body.split('\n')
  const messages: StoredMessage[] = []
  for (let i = 0; i + 1 < lines.length; i += 2) {
    messages.push({ ...JSON.parse(lines[i] ?? ''), lane: '', text: lines[i + 1] ?? '' })
  }
  return messages
}

/** The lines of a file as its receiver gets them. */
export const fileText = (body: string): string => body.replace(marks, '')

/** Lines of a file as they are stored, without their line breaks. */
export const storedLines = (body: string): string[] =>
  body.split('\n').filter((line) => line !== '')

/** Whose a stored line is; undefined when it does not say. */
export const ownerOf = (line: string): Owner | undefined => {
  const [, mpid, events] = mark.exec(line) ?? []
  return mpid === undefined ? unmarkedOwner(line) : { mpid, events: Number(events) }
}

const unmarkedOwner = (line: string): Owner | undefined => {
  try {
    const read = parseJson(line)
    if (!isObject(read)) return undefined
    const { message_type, data, events } = read
    const isAlias = message_type === 'alias_request' && isObject(data)
    const mpid = readInt64(isAlias ? data.destination_mpid : read.mpid)
    if (mpid === undefined) return undefined
    return { mpid, events: Array.isArray(events) ? events.length : 0 }
  } catch {
    return undefined
  }
}
