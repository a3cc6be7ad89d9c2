import { env } from 'cloudflare:workers'
import type { HandOff } from '../../worker/delivery'

let count = 0

/** A hand-off of one event named `name`, to an S3 lane unless told otherwise. */
export const handOffOf = (
  name: string,
  given: Partial<HandOff> & { lane?: string } = {}
): HandOff => {
  count += 1
  const id = given.id ?? `mpid-${count}`
  const { lane = '/weir', ...rest } = given
  const text = JSON.stringify({ events: [{ data: { event_name: name } }] })
  return {
    id,
    version: 0,
    since_ms: Date.now(),
    accepted: 1,
    filtered: {},
    deliveries: [
      { id: `${id}-0`, text, events: 1, mpid: '1', lane, attributes: { mpid: '1', input: 'i' } },
    ],
    ...rest,
  }
}

export const outboxOf = (connection: string) => {
  const name = `${connection}/0`
  // A stub breaks with its object, so each call takes a new one.
  return { enqueue: (handOff: HandOff) => env.OUTBOX.getByName(name).enqueue(name, handOff) }
}
