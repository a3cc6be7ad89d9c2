import { uuidFrom } from '../../base/hash'
import { type JsonObject, stringifyJson } from '../../base/json'
import { type Delivery, queueLane } from '../../delivery'
import { byteLength, lineBytes } from '../split'

/** A request, or a part of one that was halved. */
interface Part {
  request: JsonObject
  context: { id: string; mpid: string }
  events: JsonObject[]
  /** How it was halved: `ab` is the second half of the first half. */
  path: string
}

// Notifications are sent once per batch, with its first part.
const fieldsOf = ({ request, path }: Part): JsonObject => {
  if (!path.includes('b')) return request
  const id = uuidFrom(`${String(request.id)} ${path}`)
  return { ...request, id, system_notifications: undefined }
}

const deliveryOf = (part: Part, fields: JsonObject): Delivery => ({
  id: `${part.context.id}${part.path}`,
  mpid: part.context.mpid,
  lane: queueLane,
  events: part.events.length,
  text: stringifyJson({ ...fields, events: part.events }),
})

// Without the shared fields: a delivery that the outbox cannot store would block all later ones.
const unsendable = (part: Part, reason: string): Delivery => {
  const { type, id, timestamp_ms, firehose_version } = fieldsOf(part)
  const bare = { type, id, timestamp_ms, firehose_version }
  return { ...deliveryOf(part, bare), unsendable: reason }
}

const halve = (part: Part): Delivery[] => {
  const { events, path } = part
  const delivery = deliveryOf(part, fieldsOf(part))
  const bytes = byteLength(delivery.text)
  if (bytes <= lineBytes) return [delivery]
  if (events.length < 2) {
    return [unsendable(part, `The request has ${bytes} bytes; it may have ${lineBytes}.`)]
  }
  const middle = Math.ceil(events.length / 2)
  return [
    ...halve({ ...part, events: events.slice(0, middle), path: `${path}a` }),
    ...halve({ ...part, events: events.slice(middle), path: `${path}b` }),
  ]
}

/**
 * The deliveries of a request. A request that is larger than a stored delivery may be, which is
 * less than the 6 MB that Lambda takes, is split by its events.
 */
export const splitRequest = (
  request: JsonObject,
  events: JsonObject[],
  context: Part['context']
): Delivery[] => halve({ request, events, context, path: '' })
