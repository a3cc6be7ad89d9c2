import { isObject, type Json, type JsonObject, readInt64, readMs } from '../base/json'
import type { BatchEvent, CheckedBatch } from '../batch'

const toleratedMs = 60_000
// The latest time that a JavaScript Date can hold (ECMA-262, time values).
const latestMs = 8.64e15

const eventTimes = ['timestamp_unixtime_ms', 'session_start_unixtime_ms', 'event_start_unixtime_ms']
const aliasTimes = ['start_unixtime_ms', 'end_unixtime_ms']

/**
 * How far the sender's clock is behind ours, ms; negative when it is ahead. Up to a minute counts
 * as 0, since an upload takes time. 0 also when the time of sending is missing, as in batches of
 * mParticle's clients, or impossible.
 */
const skewMs = (sent: Json | undefined, now: number): number => {
  const sentMs = readMs(sent)
  if (sentMs === undefined || sentMs < 0 || sentMs > latestMs) return 0
  const skew = now - sentMs
  return Math.abs(skew) > toleratedMs ? skew : 0
}

/** The named times that are valid, shifted; as text, since they may exceed 53 bits. */
const shiftTimes = (data: JsonObject, names: string[], byMs: number): JsonObject =>
  Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const time = readInt64(data[name])
      const shifted = time && readInt64(String(BigInt(time) + BigInt(byMs)))
      return shifted ? [[name, shifted]] : []
    })
  )

const shiftEvent = (event: BatchEvent, byMs: number): BatchEvent => {
  const { data } = event
  if (!isObject(data)) return event
  const times = shiftTimes(data, eventTimes, byMs)
  const original = times.timestamp_unixtime_ms
    ? { source_timestamp_unixtime_ms: data.timestamp_unixtime_ms }
    : {}
  return { ...event, data: { ...data, ...times, ...original } }
}

/**
 * Corrects the times of a batch's events by the sender's clock skew, which follows from the batch's
 * `sent_unixtime_ms`. The original time of an event stays in `source_timestamp_unixtime_ms`.
 *
 * @param now the time of receipt, ms
 * @returns the same object when there is nothing to correct
 */
export const correctBatchClock = (checked: CheckedBatch, now: number): CheckedBatch => {
  const byMs = skewMs(checked.batch.sent_unixtime_ms, now)
  if (byMs === 0 || checked.events.length === 0) return checked
  const events = checked.events.map((event) => shiftEvent(event, byMs))
  return { ...checked, batch: { ...checked.batch, events }, events }
}

/** Corrects the times in the data of an alias request likewise. */
export const correctAliasClock = (
  data: JsonObject,
  sent: Json | undefined,
  now: number
): JsonObject => {
  const byMs = skewMs(sent, now)
  return byMs === 0 ? data : { ...data, ...shiftTimes(data, aliasTimes, byMs) }
}
