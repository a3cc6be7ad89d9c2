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

/** An accepted event, as the console shows it. */
export interface LiveSample {
  at_ms: number
  input: string
  mpid: string
  /** Its `event_type`; `alias_request` for one. */
  type: string
  /** See `eventName`; empty for events without a name. */
  name: string
  environment: string
  /** JSON text of the event as it was stored, cut after 8,192 characters. */
  event: string
  /** JSON text of its batch without the events, cut likewise. */
  batch: string
}

const maxChars = 8192
const maxNameChars = 200

const cutText = (value: Json): string => {
  const text = stringifyJson(value)
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text
}

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
  // An upload that only changes the consent has no text.
  if (upload.text === '') return []
  const { events, ...rest } = batchOf(upload)
  if (!Array.isArray(events)) return []
  const batch = cutText(rest)
  return events.filter(isObject).map((event) => ({
    at_ms: upload.received_ms,
    input: upload.input,
    mpid,
    type: String(exactText(event.event_type) ?? ''),
    name: eventName(event.data, maxNameChars),
    environment: environmentOf(rest),
    event: cutText(event),
    batch,
  }))
}
