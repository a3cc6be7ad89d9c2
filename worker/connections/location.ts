import { exactText, isObject, type Json, type JsonObject, omit } from '../base/json'
import type { Outbound, OutboundEvent } from './outbound'

const isCoordinate = (given: Json | undefined, limit: number): boolean => {
  const value = exactText(given)
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return false
  return Math.abs(Number(value)) <= limit
}

const isLocation = (value: Json | undefined): value is JsonObject =>
  isObject(value) && isCoordinate(value.latitude, 90) && isCoordinate(value.longitude, 180)

const lookedUp = (batch: Outbound, events: OutboundEvent[]): JsonObject | undefined => {
  const ofEvent = events.find(({ event }) => isLocation(event.data.location))?.event.data.location
  if (isObject(ofEvent)) return { ...ofEvent, location_source: 'lat_long' }
  const ofAddress = batch.edge.location
  return ofAddress ? { ...ofAddress, location_source: 'ip_lookup' } : undefined
}

/** `context` with or without the batch's location; undefined when there is neither. */
export const contextOf = (
  batch: Outbound,
  events: OutboundEvent[],
  includeLocation: boolean
): JsonObject | undefined => {
  const context = isObject(batch.fields.context) ? batch.fields.context : undefined
  const own = context?.location
  const rest = omit(context ?? {}, ['location'])
  const location = includeLocation ? (isLocation(own) ? own : lookedUp(batch, events)) : undefined
  if (!context && !location) return undefined
  return location ? { ...rest, location } : rest
}

export const withoutLocation = (one: OutboundEvent): OutboundEvent => {
  const data = omit(one.event.data, ['location'])
  return { ...one, event: { ...one.event, data } }
}
