import { exactText, isObject, type Json, type JsonObject, omit } from '../base/json'
import type { Outbound, OutboundEvent } from './outbound'

const isCoordinate = (value: Json | undefined, limit: number): boolean => {
  const plain = exactText(value)
  if (typeof plain !== 'number' && (typeof plain !== 'string' || plain.trim() === '')) return false
  return Math.abs(Number(plain)) <= limit
}

const isLocation = (value: Json | undefined): value is JsonObject =>
  isObject(value) && isCoordinate(value.latitude, 90) && isCoordinate(value.longitude, 180)

// The location of the first event that has one, else of the IP address.
const inferLocation = (batch: Outbound, events: OutboundEvent[]): JsonObject | undefined => {
  const eventLocation = events.map(({ event }) => event.data.location).find(isLocation)
  if (eventLocation) return { ...eventLocation, location_source: 'lat_long' }
  const addressLocation = batch.edge.location
  return addressLocation ? { ...addressLocation, location_source: 'ip_lookup' } : undefined
}

/** The batch's `context`, with its location where that is wanted; undefined when it is empty. */
export const contextOf = (
  batch: Outbound,
  events: OutboundEvent[],
  includeLocation: boolean
): JsonObject | undefined => {
  const context = isObject(batch.fields.context) ? batch.fields.context : undefined
  const batchLocation = context?.location
  const rest = omit(context ?? {}, ['location'])
  const known = isLocation(batchLocation) ? batchLocation : inferLocation(batch, events)
  const location = includeLocation ? known : undefined
  if (!context && !location) return undefined
  return location ? { ...rest, location } : rest
}

export const withoutLocation = (outbound: OutboundEvent): OutboundEvent => {
  const data = omit(outbound.event.data, ['location'])
  return { ...outbound, event: { ...outbound.event, data } }
}
