import { exactText, isObject, type Json, type JsonObject, own, readMs } from '../base/json'
import type { BatchEvent } from '../batch'
import type { Field } from './query'

/** An event as conditions read it. */
export interface EventView {
  type: string
  name: Json | undefined
  /** Client time, ms; not later than the receipt. */
  ms: number
  field: Field
}

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const nameOf = (data: JsonObject): Json | undefined =>
  exactText(data.event_name ?? data.screen_name ?? objectOf(data.product_action).action)

const productPrefix = 'product.'

// `product.price` is a list: the price of each product.
const productField = (data: JsonObject, name: string): Json | undefined => {
  const { products } = objectOf(data.product_action)
  if (!Array.isArray(products)) return undefined
  const values = products.flatMap((item) => {
    const product = objectOf(item)
    const value = own(product, name) ?? own(objectOf(product.custom_attributes), name)
    return value === undefined ? [] : [value]
  })
  return values.length > 0 ? values : undefined
}

const fieldOf =
  (data: JsonObject): Field =>
  (name) => {
    const custom = objectOf(data.custom_attributes)
    if (Object.hasOwn(custom, name)) return custom[name]
    if (name.startsWith(productPrefix)) return productField(data, name.slice(productPrefix.length))
    return own(objectOf(data.product_action), name)
  }

/** @param receivedMs the latest time that an event may have, ms: clients' clocks may be ahead */
export const viewEvent = (event: BatchEvent, receivedMs: number): EventView => {
  const data = objectOf(event.data)
  const ms = readMs(data.timestamp_unixtime_ms) ?? receivedMs
  return {
    type: event.event_type,
    name: nameOf(data),
    ms: Math.min(ms, receivedMs),
    field: fieldOf(data),
  }
}

const numberOf = (value: Json | undefined): number[] => {
  const plain = exactText(value)
  if (Array.isArray(plain)) return plain.flatMap(numberOf)
  const isText = typeof plain === 'string' && plain.trim() !== ''
  const number = typeof plain === 'number' || isText ? Number(plain) : Number.NaN
  return Number.isFinite(number) ? [number] : []
}

/** The numbers in a property of an event: several for a field of its products. */
export const numbersOf = ({ field }: EventView, property: string): number[] =>
  numberOf(field(property))
