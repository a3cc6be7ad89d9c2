import {
  exactText,
  isObject,
  type Json,
  type JsonObject,
  omit,
  stringifyJson,
} from '../../base/json'
import type { OutboundEvent } from '../outbound'

/** Attributes and metrics of a record of Amazon Mobile Analytics, by their names in it. */
export interface RecordMaps {
  attributes: JsonObject
  metrics: JsonObject
}

const isNumber = (value: Json): boolean => typeof value === 'number' || exactText(value) !== value

const asText = (value: Json): string => (typeof value === 'string' ? value : stringifyJson(value))

/** Numbers become metrics, everything else attributes; lists and objects as JSON text. */
export const recordMaps = (fields: JsonObject, prefix = ''): RecordMaps => {
  const present = Object.entries(fields).flatMap(([name, value]): [string, Json][] =>
    value === undefined || value === null ? [] : [[`${prefix}${name}`, value]]
  )
  return {
    metrics: Object.fromEntries(present.filter(([, value]) => isNumber(value))),
    attributes: Object.fromEntries(
      present.filter(([, value]) => !isNumber(value)).map(([name, value]) => [name, asText(value)])
    ),
  }
}

export const mergeMaps = (...maps: RecordMaps[]): RecordMaps => ({
  attributes: Object.assign({}, ...maps.map(({ attributes }) => attributes)),
  metrics: Object.assign({}, ...maps.map(({ metrics }) => metrics)),
})

// Fields of an event's data that a record has elsewhere.
const mappedFields = [
  'timestamp_unixtime_ms',
  'event_start_unixtime_ms',
  'session_uuid',
  'session_id',
  'session_start_unixtime_ms',
  'custom_attributes',
]

const sessionMaps = ({ event_type, data }: OutboundEvent['event']): RecordMaps => {
  const isOver = event_type === 'session_end'
  const attributes = {
    '_session.id': data.session_uuid ?? data.session_id,
    '_session.startTime': data.session_start_unixtime_ms,
    '_session.stopTime': isOver ? data.timestamp_unixtime_ms : undefined,
    '_session.duration': isOver ? data.session_duration_ms : undefined,
  }
  const present = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(exactText(value))]]
  )
  return { attributes: Object.fromEntries(present), metrics: {} }
}

/** Attributes and metrics of any event: its fields, its custom attributes and its session. */
export const dataMaps = ({ event }: OutboundEvent, without: string[]): RecordMaps => {
  const { custom_attributes: custom } = event.data
  return mergeMaps(
    recordMaps(omit(event.data, [...mappedFields, ...without]), '_'),
    recordMaps(isObject(custom) ? custom : {}),
    sessionMaps(event)
  )
}
