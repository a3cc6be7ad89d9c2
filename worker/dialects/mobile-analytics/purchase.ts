import { exactText, type Json, type JsonObject, omit } from '../../base/json'
import type { MobileEvent } from './events'

const fields = ['_product_id', '_currency', '_transaction_id', '_store']

/** What of a purchase's attributes and metrics has a place of its own in a commerce event. */
const isPlaced = (name: string): boolean => fields.includes(name)

const numberOf = (value: Json | undefined): number | undefined =>
  value === undefined ? undefined : Number(exactText(value))

/**
 * The amount of a formatted price. Of two kinds of separators the last is the decimal point; a
 * single one that is followed by three digits parts thousands, unless it follows a lone zero.
 */
export const parsePrice = (formatted: string): number | undefined => {
  const digits = /\d(?:[\d.,'’\s]*\d)?/.exec(formatted)?.[0].replace(/['’\s]/g, '')
  if (!digits) return undefined
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','))
  const mark = digits.charAt(last)
  const isOnly = digits.split(mark).length === 2
  const hasOther = digits.includes(mark === '.' ? ',' : '.')
  const decimals = digits.length - last - 1
  const isThousands = decimals === 3 && !hasOther && !/^0[.,]/.test(digits)
  if (last < 0 || !isOnly || isThousands) return Number(digits.replace(/[.,]/g, ''))
  return Number(`${digits.slice(0, last).replace(/[.,]/g, '')}.${digits.slice(last + 1)}`)
}

// Products of doubles have noise behind the last decimal of any currency.
const rounded = (amount: number): number => Number(amount.toFixed(6))

const amounts = ({ attributes, metrics }: MobileEvent) => {
  const { _item_price_formatted: formatted } = attributes
  const price =
    numberOf(metrics._item_price) ?? (formatted === undefined ? undefined : parsePrice(formatted))
  const quantity = numberOf(metrics._quantity)
  const total = price === undefined ? undefined : rounded(price * (quantity ?? 1))
  return { price, quantity, total }
}

const known = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

/** The fields of a commerce event that a purchase fills. */
export const purchaseData = (event: MobileEvent): JsonObject => {
  const { _product_id, _currency, _transaction_id, _store } = event.attributes
  const { price, quantity, total } = amounts(event)
  const product = known({ id: _product_id, price, quantity, total_product_amount: total })
  return known({
    currency_code: _currency,
    product_action: known({
      action: 'purchase',
      transaction_id: _transaction_id,
      affiliation: _store,
      total_amount: total,
      products: Object.keys(product).length > 0 ? [product] : [],
    }),
  })
}

/** A purchase without what `purchaseData` takes of it. */
export const purchaseRest = (event: MobileEvent): MobileEvent => ({
  ...event,
  attributes: Object.fromEntries(
    Object.entries(event.attributes).filter(([name]) => !isPlaced(name))
  ),
  metrics: omit(event.metrics, ['_item_price', '_quantity']) as MobileEvent['metrics'],
})
