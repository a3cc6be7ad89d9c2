import { exactText, type Json, type JsonObject } from '../../base/json'
import type { MobileEvent } from './events'

// The attributes and metrics that become fields of a commerce event.
const purchaseAttributes = ['_product_id', '_currency', '_transaction_id', '_store']
const purchaseMetrics = ['_item_price', '_quantity']

const numberOf = (value: Json | undefined): number | undefined =>
  value === undefined ? undefined : Number(exactText(value))

/**
 * The amount of a formatted price. The last separator is the decimal point, unless it is the only
 * kind and occurs more than once or before three digits: then it groups thousands (but not in
 * 0.125).
 */
export const parsePrice = (formatted: string): number | undefined => {
  const digits = /\d(?:[\d.,'’\s]*\d)?/.exec(formatted)?.[0].replace(/['’\s]/g, '')
  if (!digits) return undefined
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','))
  const separator = digits.charAt(last)
  const occursOnce = digits.split(separator).length === 2
  const hasOther = digits.includes(separator === '.' ? ',' : '.')
  const decimals = digits.length - last - 1
  const groupsThousands = decimals === 3 && !hasOther && !/^0[.,]/.test(digits)
  if (last < 0 || !occursOnce || groupsThousands) return Number(digits.replace(/[.,]/g, ''))
  return Number(`${digits.slice(0, last).replace(/[.,]/g, '')}.${digits.slice(last + 1)}`)
}

// Multiplied doubles have rounding errors, far below the smallest unit of any currency.
const round = (amount: number): number => Number(amount.toFixed(6))

const amounts = ({ attributes, metrics }: MobileEvent) => {
  const { _item_price_formatted: formatted } = attributes
  const price =
    numberOf(metrics._item_price) ?? (formatted === undefined ? undefined : parsePrice(formatted))
  const quantity = numberOf(metrics._quantity)
  const total = price === undefined ? undefined : round(price * (quantity ?? 1))
  return { price, quantity, total }
}

const defined = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

/** The data of a commerce event, from the attributes and metrics of a purchase. */
export const purchaseData = (event: MobileEvent): JsonObject => {
  const { _product_id, _currency, _transaction_id, _store } = event.attributes
  const { price, quantity, total } = amounts(event)
  const product = defined({ id: _product_id, price, quantity, total_product_amount: total })
  return defined({
    currency_code: _currency,
    product_action: defined({
      action: 'purchase',
      transaction_id: _transaction_id,
      affiliation: _store,
      total_amount: total,
      products: Object.keys(product).length > 0 ? [product] : [],
    }),
  })
}

const without = <T>(map: Record<string, T>, names: string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([name]) => !names.includes(name)))

/** A purchase without the attributes and metrics that `purchaseData` uses. */
export const purchaseRest = (event: MobileEvent): MobileEvent => ({
  ...event,
  attributes: without(event.attributes, purchaseAttributes),
  metrics: without(event.metrics, purchaseMetrics),
})
