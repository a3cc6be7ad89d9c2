import { isObject, type Json, type JsonObject, readInt64, readMs } from '../base/json'
import type { BatchEvent, CheckedBatch } from '../batch'

const toleratedMs = 60_000
// No clock of a browser tells a time beyond it (ECMA-262, time values).
const latestMs = 8.64e15

const eventTimes = ['timestamp_unixtime_ms', 'session_start_unixtime_ms', 'event_start_unixtime_ms']
const aliasTimes = ['start_unixtime_ms', 'end_unixtime_ms']

/**
 * How far the sender's clock is behind ours, ms; negative when it is ahead. 0 up to a minute: the
 * way here takes time too, so a small difference is no skew. 0 also when the sender did not say
 * when it sent, as mParticle's clients don't, or said what no clock can.
 */
const skewMs = (sent: Json | undefined, now: number): number => {
  const sentMs = readMs(sent)
  if (sentMs === undefined || sentMs < 0 || sentMs > latestMs) return 0
  const skew = now - sentMs
  return Math.abs(skew) > toleratedMs ? skew : 0
}

/** Those of the named times that are readable, moved: as text, since they may exceed 53 bits. */
const moved = (data: JsonObject, names: string[], byMs: number): JsonObject =>
  Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const time = readInt64(data[name])
      const onOurs = time && readInt64(String(BigInt(time) + BigInt(byMs)))
      return onOurs ? [[name, onOurs]] : []
    })
  )

const movedEvent = (event: BatchEvent, byMs: number): BatchEvent => {
  const { data } = event
  if (!isObject(data)) return event
  const times = moved(data, eventTimes, byMs)
  const raw = times.timestamp_unixtime_ms
    ? { source_timestamp_unixtime_ms: data.timestamp_unixtime_ms }
    : {}
  return { ...event, data: { ...data, ...times, ...raw } }
}

/**
 * A batch with the times of its events on our clock instead of its sender's, by the batch's
 * `sent_unixtime_ms`. An event's own time stays as `source_timestamp_unixtime_ms`.
 *
 * @param now the time of receipt, ms
 * @returns the same object when there is nothing to correct
 */
export const correctBatchClock = (checked: CheckedBatch, now: number): CheckedBatch => {
  const byMs = skewMs(checked.batch.sent_unixtime_ms, now)
  if (byMs === 0 || checked.events.length === 0) return checked
  const events = checked.events.map((event) => movedEvent(event, byMs))
  return { ...checked, batch: { ...checked.batch, events }, events }
}

/** The data of an alias request with its times on our clock, likewise. */
export const correctAliasClock = (
  data: JsonObject,
  sent: Json | undefined,
  now: number
): JsonObject => {
  const byMs = skewMs(sent, now)
  return byMs === 0 ? data : { ...data, ...moved(data, aliasTimes, byMs) }
}
