import { isObject, parseJson, readInt64 } from '../../base/json'
import { isQueueLane, queueLane } from '../../delivery'
import type { QueuedDelivery } from '../../outputs/target'

/** The user that a delivery is about, and how many events it holds. */
export type Owner = Pick<QueuedDelivery, 'mpid' | 'events'>

// JSON text holds no bare tab inside a string and never begins with one, so that a line without a
// mark is recognized.
const mark = /^\t(-?\d+) (\d+)\t/
const marks = /^\t-?\d+ \d+\t/gm

/**
 * A delivery as a segment stores it: for queues two lines, all its fields and the text; for files one
 * line, with a mark before it that names the user.
 */
export const writeDelivery = ({
  id,
  mpid,
  events,
  attributes,
  text,
  lane,
}: QueuedDelivery): string =>
  isQueueLane(lane)
    ? `${JSON.stringify({ id, mpid, events, attributes })}\n${text}\n`
    : `\t${mpid} ${events}\t${text}\n`

export const readMessages = (body: string): QueuedDelivery[] => {
  const lines = body.split('\n')
  const messages: QueuedDelivery[] = []
  for (let i = 0; i + 1 < lines.length; i += 2) {
    messages.push({ ...JSON.parse(lines[i] ?? ''), lane: queueLane, text: lines[i + 1] ?? '' })
  }
  return messages
}

/** The lines of a file without their marks, as they are delivered. */
export const fileText = (body: string): string => body.replace(marks, '')

/** Lines of a file as they are stored, without their line breaks. */
export const storedLines = (body: string): string[] =>
  body.split('\n').filter((line) => line !== '')

/** The user of a stored line; undefined when there is none in it. */
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
