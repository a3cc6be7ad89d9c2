import type { Feature } from '../core'
import type { Location } from '../events'
import type { Attributes } from '../user'

/** mParticle's product actions. */
export type ProductAction =
  | 'add_to_cart'
  | 'remove_from_cart'
  | 'checkout'
  | 'checkout_option'
  | 'click'
  | 'view_detail'
  | 'purchase'
  | 'refund'
  | 'add_to_wishlist'
  | 'remove_from_wish_list'

/** A product, with the field names of batches. Amounts are in the event's currency. */
export interface Product {
  id: string
  name: string
  brand?: string
  category?: string
  variant?: string
  coupon_code?: string
  /** Position in a list. */
  position?: number
  /** Price of one piece. */
  price?: number
  /** Default 1. */
  quantity?: number
  /** Default price times quantity. */
  total_product_amount?: number
  custom_attributes?: Attributes
}

export interface Promotion {
  id?: string
  name?: string
  creative?: string
  position?: string
}

/** Fields of all commerce events, with the field names of batches. */
export interface CommerceDetails {
  /** ISO 4217, such as `EUR`. */
  currency_code?: string
  shopping_cart?: { products: Product[] }
  screen_name?: string
  /** `true` if the user did not cause the event. */
  is_non_interactive?: boolean
  custom_attributes?: Attributes
  custom_flags?: Record<string, unknown>
  location?: Location
}

/** Further fields of a product action. Amounts are in the event's currency. */
export interface ProductDetails extends CommerceDetails {
  transaction_id?: string
  affiliation?: string
  coupon_code?: string
  total_amount?: number
  tax_amount?: number
  shipping_amount?: number
  checkout_step?: number
  checkout_options?: string
  product_action_list?: string
  product_list_source?: string
}

/** Methods of the feature {@link commerce}. */
export interface Commerce {
  /**
   * Records an action on products, such as a purchase.
   *
   * @example
   * weir.trackProducts('purchase', [{ id: 'sku-1', name: 'Wellies', price: 39.9, quantity: 2 }],
   *   { transaction_id: 'order-1001', total_amount: 84.75, currency_code: 'EUR' })
   */
  trackProducts(action: ProductAction, products: Product[], details?: ProductDetails): void
  /**
   * Records that promotions were viewed or clicked.
   *
   * @example
   * weir.trackPromotions('view', [{ id: 'rain', name: 'Rain week', position: 'top' }])
   */
  trackPromotions(
    action: 'view' | 'click',
    promotions: Promotion[],
    details?: CommerceDetails
  ): void
  /**
   * Records that products were shown.
   *
   * @param lists products by the name of the list that showed them
   * @example
   * weir.trackImpressions({ 'search results': [{ id: 'sku-1', name: 'Wellies' }] })
   */
  trackImpressions(lists: Record<string, Product[]>, details?: CommerceDetails): void
}

// Fields of the event; all other details of a product action are part of the action.
const COMMON = /^(currency_|shopping_c|screen_|is_|custom_|location)/

const toProducts = (products: Product[]) =>
  products.map((product) => {
    const { price = 0, quantity = 1 } = product
    // 0.1 times 3 would be 0.30000000000000004.
    return { quantity, total_product_amount: +(price * quantity).toFixed(6), ...product }
  })

/** Product actions, promotions and impressions, as `commerce_event`s. */
export const commerce =
  (): Feature<Commerce> =>
  ({ record }) => {
    const add = (custom_event_type: string, variant: object, details: CommerceDetails = {}) => {
      const { shopping_cart: cart } = details
      const shopping_cart = cart && { products: toProducts(cart.products) }
      record('commerce_event', { custom_event_type, ...variant, ...details, shopping_cart })
    }

    return {
      trackProducts: (action, products, details = {}) => {
        const product_action = { action, products: toProducts(products) }
        const common = {}
        for (const [name, value] of Object.entries(details))
          Reflect.set(COMMON.test(name) ? common : product_action, name, value)
        // The event type has `wishlist` where the action has `wish_list`.
        add(action.replace('sh_l', 'shl'), { product_action }, common)
      },
      trackPromotions: (action, promotions, details) =>
        add(`promotion_${action}`, { promotion_action: { action, promotions } }, details),
      trackImpressions: (lists, details) => {
        const product_impressions = Object.entries(lists).map(
          ([product_impression_list, products]) => ({
            product_impression_list,
            products: toProducts(products),
          })
        )
        add('impression', { product_impressions }, details)
      },
    }
  }
