import { uuidFrom } from '../../base/hash'
import { exactText, isObject, type Json, type JsonObject, readInt64 } from '../../base/json'
import { type Problem, problem } from '../../base/problem'
import type { BatchEvent } from '../../batch'
import { conversionOf } from './conversions'
import { isFilled, rename, set, textOf } from './fields'

const commonData = ({ id, source_id, timestamp_ms, session_id, location }: JsonObject) => {
  const source_message_id = [source_id, id].find(isFilled)
  return set({
    timestamp_unixtime_ms: timestamp_ms,
    source_message_id,
    id: id === source_message_id ? undefined : id,
    // mParticle writes 0 for no session.
    session_id: readInt64(session_id) === '0' ? undefined : session_id,
    location,
  })
}

// Receivers deduplicate events by it, so each event that is made of one message event needs its
// own.
const withUniqueId = (data: JsonObject, index: number): JsonObject => {
  const id = exactText(data.source_message_id)
  return index === 0 || id === undefined
    ? data
    : { ...data, source_message_id: uuidFrom(`${id} ${index}`) }
}

const convert = (event: JsonObject & { type: string }, isUnchanged: boolean): BatchEvent[] => {
  const { type, id, source_id, timestamp_ms, session_id, location, ...fields } = event
  const common = commonData({ id, source_id, timestamp_ms, session_id, location })
  const conversion = isUnchanged ? undefined : conversionOf(type, fields)
  if (!conversion) return [{ event_type: type, data: { ...fields, ...common } }]
  return [conversion.dataOf(fields)].flat().map((data, index) => {
    const eventData = { ...rename(data, { attributes: 'custom_attributes' }), ...common }
    return { event_type: conversion.event_type, data: withUniqueId(eventData, index) }
  })
}

const hasType = (event: JsonObject): event is JsonObject & { type: string } =>
  textOf(event.type) !== undefined

/**
 * Converts the events of a message to those of a batch. Events of unknown types keep their fields.
 *
 * @param keepsFields all events keep their fields
 */
export const readEvents = (
  list: Json | undefined,
  keepsFields = false
): { events: BatchEvent[]; problems: Problem[] } => {
  if (list === undefined || list === null) return { events: [], problems: [] }
  if (!Array.isArray(list)) {
    return { events: [], problems: [problem('invalid', 'events', 'events must be a list.')] }
  }
  const problems: Problem[] = []
  const events = list.flatMap((event, i) => {
    if (isObject(event) && hasType(event)) return convert(event, keepsFields)
    const [path, message] = isObject(event)
      ? [`events.${i}.type`, 'An event must have a type.']
      : [`events.${i}`, 'An event must be an object.']
    problems.push(problem('invalid', path, message))
    return []
  })
  return { events, problems }
}
