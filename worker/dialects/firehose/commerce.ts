import type { Json, JsonObject } from '../../base/json'
import { eachObject, rename, set } from './fields'

const productFields = { total_amount: 'total_product_amount', attributes: 'custom_attributes' }

const products = (list: Json | undefined): Json | undefined =>
  eachObject(list, (product) => rename(product, productFields))

/** The data of a `commerce_event` with a product action. */
export const productAction = (fields: JsonObject): JsonObject => {
  const { action, transaction_id, affiliation, coupon_code, ...others } = fields
  const { total_amount, tax_amount, shipping_amount, products: list, ...rest } = others
  const amounts = { total_amount, tax_amount, shipping_amount }
  const product_action = set({
    action,
    transaction_id,
    affiliation,
    ...amounts,
    coupon_code,
    products: products(list),
  })
  return { ...rest, product_action }
}

export const promotionAction = ({ action, promotions, ...rest }: JsonObject): JsonObject => ({
  ...rest,
  promotion_action: set({ action, promotions }),
})

const impression = (fields: JsonObject): JsonObject => {
  const renamed = rename(fields, { impression_list_name: 'product_impression_list' })
  return 'products' in renamed ? set({ ...renamed, products: products(renamed.products) }) : renamed
}

export const impressions = ({ impressions: list, ...rest }: JsonObject): JsonObject =>
  set({ ...rest, product_impressions: eachObject(list, impression) })
