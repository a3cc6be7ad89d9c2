import { productActions, promotionActions } from '../../../sdk/firehose/names'
import { isObject, type Json, type JsonObject } from '../../base/json'
import {
  decimalOf,
  type Field,
  int32Of,
  nonEmpty,
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

// The position of a promotion is text, unlike that of a product.
const promotionFields: Field[] = ['id', 'name', 'creative', 'position'].map((name) => [
  name,
  name,
  textOf,
])

const listOf = (
  value: Json | undefined,
  read: (item: JsonObject) => JsonObject
): JsonObject[] | undefined =>
  Array.isArray(value) ? nonEmpty(value.filter(isObject).map(read)) : undefined

const products = (value: Json | undefined): JsonObject[] | undefined =>
  listOf(value, (product) => readFields(product, productFields))

/** Undefined when the action is not one of the protocol's. */
export const convertProductAction = (data: JsonObject): JsonObject | undefined => {
  const productAction = objectOf(data.product_action)
  const action = wordOf(productActions)(productAction.action)
  if (action === undefined) return undefined
  return {
    action,
    ...readFields(productAction, actionFields),
    currency_code: textOf(data.currency_code),
    products: products(productAction.products),
  }
}

export const convertPromotionAction = (data: JsonObject): JsonObject => {
  const promotionAction = objectOf(data.promotion_action)
  return {
    action: wordOf(promotionActions)(promotionAction.action) ?? 'unknown',
    promotions: listOf(promotionAction.promotions, (promotion) =>
      readFields(promotion, promotionFields)
    ),
  }
}

/** Undefined when the event has no list of products. */
export const convertImpression = (data: JsonObject): JsonObject | undefined => {
  const impressions = listOf(data.product_impressions, (list) => ({
    impression_list_name: textOf(list.product_impression_list),
    products: products(list.products),
  }))
  return impressions && { impressions }
}
