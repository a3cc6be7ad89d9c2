import type { Started } from '../started'

interface Event {
  event_type: string
  data: {
    source_message_id?: string
    event_name?: string
    custom_attributes?: Record<string, unknown> | null
    custom_flags?: Record<string, unknown>
    [field: string]: unknown
  }
}

/** A line of the bucket: a batch, or an alias request. */
export interface Line {
  message_type: string
  mpid?: string
  events?: Event[]
  data?: Record<string, unknown>
  user_identities?: { identity_type: string; identity: string }[]
  user_attributes?: Record<string, unknown>
  consent_state?: { gdpr?: Record<string, unknown>; ccpa?: Record<string, unknown> }
}

/** An event with the mpid that it came under. */
export interface Landed {
  id: string
  type: string
  mpid: string
  /** The one that the page gave it, if it is of a call. */
  name: unknown
  event: Event
}

/** All lines of all objects in the example's bucket. */
export const linesIn = async ({ awsUrl }: Started): Promise<Line[]> => {
  const bucket = `${awsUrl}/weir-demo`
  const list = await (await fetch(`${bucket}?list-type=2&prefix=events/`)).text()
  const keys = [...list.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key)
  const texts = await Promise.all(keys.map(async (key) => (await fetch(`${bucket}/${key}`)).text()))
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line))
}

export const eventsOf = (lines: Line[]): Landed[] =>
  lines.flatMap(({ mpid = '', events = [] }) =>
    events.map((event) => ({
      id: event.data.source_message_id ?? '',
      type: event.event_type,
      mpid,
      name: event.data.custom_attributes?.name,
      event,
    }))
  )
