import { productActions, promotionActions } from '../../../sdk/firehose/names'
import { isObject, type Json, type JsonObject } from '../../base/json'
import {
  decimalOf,
  type Field,
  filled,
  int32Of,
  objectOf,
  readFields,
  textMap,
  textOf,
  wordOf,
} from './values'

const productFields: Field[] = [
  ['id', 'id', textOf],
  ['name', 'name', textOf],
  ['brand', 'brand', textOf],
  ['category', 'category', textOf],
  ['variant', 'variant', textOf],
  ['position', 'position', int32Of],
  ['price', 'price', decimalOf],
  ['quantity', 'quantity', decimalOf],
  ['coupon_code', 'coupon_code', textOf],
  ['total_amount', 'total_product_amount', decimalOf],
  ['attributes', 'custom_attributes', textMap],
]

const actionFields: Field[] = [
  ['transaction_id', 'transaction_id', textOf],
  ['affiliation', 'affiliation', textOf],
  ['coupon_code', 'coupon_code', textOf],
  ['total_amount', 'total_amount', decimalOf],
  ['tax_amount', 'tax_amount', decimalOf],
  ['shipping_amount', 'shipping_amount', decimalOf],
]

// Here, unlike a product's, a position is text.
const promotionFields: Field[] = ['id', 'name', 'creative', 'position'].map((name) => [
  name,
  name,
  textOf,
])

const listOf = (
  value: Json | undefined,
  read: (one: JsonObject) => JsonObject
): JsonObject[] | undefined =>
  Array.isArray(value) ? filled(value.filter(isObject).map(read)) : undefined

const products = (value: Json | undefined): JsonObject[] | undefined =>
  listOf(value, (one) => readFields(one, productFields))

/** Undefined without an action that the protocol has. */
export const productAction = (data: JsonObject): JsonObject | undefined => {
  const given = objectOf(data.product_action)
  const action = wordOf(productActions)(given.action)
  if (action === undefined) return undefined
  return {
    action,
    ...readFields(given, actionFields),
    currency_code: textOf(data.currency_code),
    products: products(given.products),
  }
}

export const promotionAction = (data: JsonObject): JsonObject => {
  const given = objectOf(data.promotion_action)
  return {
    action: wordOf(promotionActions)(given.action) ?? 'unknown',
    promotions: listOf(given.promotions, (one) => readFields(one, promotionFields)),
  }
}

/** Undefined when nothing was shown. */
export const impression = (data: JsonObject): JsonObject | undefined => {
  const impressions = listOf(data.product_impressions, (one) => ({
    impression_list_name: textOf(one.product_impression_list),
    products: products(one.products),
  }))
  return impressions && { impressions }
}
