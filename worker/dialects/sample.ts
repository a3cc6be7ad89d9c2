import {
  exactText,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from '../base/json'
import { environmentOf } from '../batch'
import { eventName } from '../event-name'
import type { Upload } from '../profiles/upload'
import { readStoredRequest } from './mobile-analytics/stored'

/** An accepted event, as people see it. */
export interface LiveSample {
  at_ms: number
  input: string
  mpid: string
  /** Its `event_type`; `alias_request` for one. */
  type: string
  /** What its sender called it; empty for events without a name. */
  name: string
  environment: string
  /** JSON text of the event as it was stored, cut after 8,192 characters. */
  event: string
  /** The same of what its batch says beside the events. */
  batch: string
}

const keptChars = 8192

const shown = (value: Json): string => {
  const text = stringifyJson(value)
  return text.length > keptChars ? `${text.slice(0, keptChars)}…` : text
}

const nameChars = 200

const batchOf = ({ kind, text, received_ms }: Stored): JsonObject => {
  if (kind === 'mobile_analytics') {
    const { batch, events } = readStoredRequest(text, received_ms)
    return { ...batch, events: events.map(({ event }) => event) }
  }
  const body = parseJson(text)
  if (kind === 'alias') return { events: [{ event_type: 'alias_request', data: body }] }
  return isObject(body) ? body : {}
}

type Stored = Pick<Upload, 'kind' | 'text' | 'received_ms' | 'input'>

/** The events of an upload as its profile stored it. */
export const samplesOf = (upload: Stored, mpid: string): LiveSample[] => {
  // What only tells of consent has no text.
  if (upload.text === '') return []
  const { events, ...rest } = batchOf(upload)
  if (!Array.isArray(events)) return []
  const batch = shown(rest)
  return events.filter(isObject).map((event) => ({
    at_ms: upload.received_ms,
    input: upload.input,
    mpid,
    type: String(exactText(event.event_type) ?? ''),
    name: eventName(event.data, nameChars),
    environment: environmentOf(rest),
    event: shown(event),
    batch,
  }))
}
