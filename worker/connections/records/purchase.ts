import { uuidFrom } from '../../base/hash'
import { isObject, type JsonObject, omit } from '../../base/json'
import type { OutboundEvent } from '../outbound'
import { dataMaps, mergeMaps, type RecordMaps, recordMaps } from './maps'

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
 * The records of a purchase, one per product, with the names that Amazon's clients use. Fields of
 * the whole purchase are in the first record alone, and its total only where no product has a
 * price, so that sums over all records are right. A generator, because all records together may be
 * too large for memory.
 */
export function* purchaseRecords(
  outbound: OutboundEvent,
  common: JsonObject
): Generator<JsonObject, void> {
  const { event } = outbound
  const action = actionOf(event)
  const { transaction_id, affiliation } = action
  const products = Array.isArray(action.products) ? action.products.filter(isObject) : []
  const shared = recordMaps({
    _currency: event.data.currency_code,
    _transaction_id: transaction_id,
    _store: affiliation,
  })
  const eventMaps = dataMaps(outbound, ['product_action', 'currency_code'])
  const onceFields = omit(action, [
    ...['transaction_id', 'affiliation', 'products', 'action'],
    ...(products.some(hasPrice) ? ['total_amount'] : []),
  ])
  const first = mergeMaps(recordMaps(onceFields, '_'), eventMaps)
  const rest = { ...eventMaps, metrics: {} }
  for (const [i, product] of (products.length > 0 ? products : [{}]).entries()) {
    yield {
      ...common,
      event_type: '_monetization.purchase',
      ...(i > 0 ? { unique_id: uuidFrom(`${event.data.event_id} ${i}`) } : {}),
      ...mergeMaps(i > 0 ? rest : first, shared, productMaps(product)),
    }
  }
}
