import { uuidFrom } from '../base/hash'
import { isObject, type JsonObject, omit } from '../base/json'
import type { OutboundEvent } from './outbound'
import { dataMaps, mergeMaps, type RecordMaps, recordMaps } from './record-maps'

const actionOf = ({ data }: OutboundEvent['event']): JsonObject =>
  isObject(data.product_action) ? data.product_action : {}

export const isPurchase = (event: OutboundEvent['event']): boolean =>
  event.event_type === 'commerce_event' && actionOf(event).action === 'purchase'

const productMaps = (product: JsonObject): RecordMaps => {
  const { id: _product_id, price: _item_price, quantity: _quantity } = product
  return mergeMaps(
    recordMaps(omit(product, ['id', 'price', 'quantity']), '_product_'),
    recordMaps({ _product_id, _item_price, _quantity })
  )
}

const hasPrice = ({ price }: JsonObject): boolean =>
  price !== undefined && price !== null && price !== ''

/**
 * The records of a purchase, one per product, under the names of Amazon's clients. What is said of
 * the purchase as a whole stands in the first alone, its total only where no product has a price,
 * so that sums come out right. Each is made when it is asked for: together they may be too large.
 */
export function* purchaseRecords(
  one: OutboundEvent,
  common: JsonObject
): Generator<JsonObject, void> {
  const { transaction_id, affiliation, products, action: _, ...whole } = actionOf(one.event)
  const listed = Array.isArray(products) ? products.filter(isObject) : []
  const shared = recordMaps({
    _currency: one.event.data.currency_code,
    _transaction_id: transaction_id,
    _store: affiliation,
  })
  const told = dataMaps(one, ['product_action', 'currency_code'])
  const summed = listed.some(hasPrice) ? omit(whole, ['total_amount']) : whole
  const first = mergeMaps(recordMaps(summed, '_'), told)
  for (const [i, product] of (listed.length > 0 ? listed : [{}]).entries()) {
    yield {
      ...common,
      event_type: '_monetization.purchase',
      ...(i > 0 ? { unique_id: uuidFrom(`${one.event.data.event_id} ${i}`) } : {}),
      ...mergeMaps(i > 0 ? { ...told, metrics: {} } : first, shared, productMaps(product)),
    }
  }
}
