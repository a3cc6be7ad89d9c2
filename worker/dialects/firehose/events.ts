import { uuidFrom } from '../../base/hash'
import { exactText, isObject, type Json, type JsonObject, readInt64 } from '../../base/json'
import { type Problem, problem } from '../../base/problem'
import type { BatchEvent } from '../../batch'
import { conversionOf } from './conversions'
import { isSaid, rename, set, textOf } from './fields'

const firstSaid = (...values: (Json | undefined)[]): Json | undefined => values.find(isSaid)

const commonData = ({ id, source_id, timestamp_ms, session_id, location }: JsonObject) => {
  const source_message_id = firstSaid(source_id, id)
  return set({
    timestamp_unixtime_ms: timestamp_ms,
    source_message_id,
    id: id === source_message_id ? undefined : id,
    // 0 says that there is no session.
    session_id: readInt64(session_id) === '0' ? undefined : session_id,
    location,
  })
}

// Receivers tell events apart by it.
const ownMessageId = (data: JsonObject, place: number): JsonObject => {
  const id = exactText(data.source_message_id)
  return place === 0 || id === undefined
    ? data
    : { ...data, source_message_id: uuidFrom(`${id} ${place}`) }
}

const convert = (event: JsonObject & { type: string }, isAsItCame: boolean): BatchEvent[] => {
  const { type, id, source_id, timestamp_ms, session_id, location, ...fields } = event
  const common = commonData({ id, source_id, timestamp_ms, session_id, location })
  const conversion = isAsItCame ? undefined : conversionOf(type, fields)
  if (!conversion) return [{ event_type: type, data: { ...fields, ...common } }]
  return [conversion.dataOf(fields)].flat().map((data, i) => ({
    event_type: conversion.event_type,
    data: ownMessageId({ ...rename(data, { attributes: 'custom_attributes' }), ...common }, i),
  }))
}

const hasType = (event: JsonObject): event is JsonObject & { type: string } =>
  textOf(event.type) !== undefined

/**
 * The events of a message as the batch has them. Types that nobody knows pass as they came.
 *
 * @param areAsTheyCame all do
 */
export const readEvents = (
  given: Json | undefined,
  areAsTheyCame = false
): { events: BatchEvent[]; problems: Problem[] } => {
  if (given === undefined || given === null) return { events: [], problems: [] }
  if (!Array.isArray(given)) {
    return { events: [], problems: [problem('invalid', 'events', 'events must be a list.')] }
  }
  const problems: Problem[] = []
  const events = given.flatMap((event, i) => {
    if (isObject(event) && hasType(event)) return convert(event, areAsTheyCame)
    const [path, message] = isObject(event)
      ? [`events.${i}.type`, 'An event must have a type.']
      : [`events.${i}`, 'An event must be an object.']
    problems.push(problem('invalid', path, message))
    return []
  })
  return { events, problems }
}
