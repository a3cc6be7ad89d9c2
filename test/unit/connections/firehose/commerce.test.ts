import { describe, expect, it } from 'vitest'
import { type JsonObject, omit } from '../../../../worker/base/json'
import { converted, registration, requestOf } from '../../../support/firehose'
import { partOf } from '../../../support/outbound'

const commerce = (data: JsonObject | string): JsonObject | undefined => {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  const body = `{"events":[{"event_type":"commerce_event","data":${text}}]}`
  const [event] = requestOf(body, registration({ allow_eventless_batches: true })).events
  if (!event) return undefined
  return omit(event, ['id', 'timestamp_ms'])
}

const productActions = [
  'add_to_wishlist',
  'remove_from_wish_list',
  'add_to_cart',
  'remove_from_cart',
  'checkout',
  'purchase',
  'refund',
  'checkout_option',
  'click',
  'view_detail',
]

describe('a product action', () => {
  it.each(productActions)('has the action %s', (action) => {
    expect(commerce({ product_action: { action } })).toEqual({ type: 'product_action', action })
  })

  it.each(['unknown', 'remove_from_wishlist', 'add_to_wish_list', 'steal', 1, null])(
    'with the action %j is not sent',
    (action) => {
      expect(commerce({ product_action: { action } })).toBeUndefined()
    }
  )

  it('has amounts as numbers, digit by digit, and nothing but what the protocol has', () => {
    const data = `{
      "currency_code": "USD", "screen_name": "s", "is_non_interactive": true, "event_name": "n",
      "shopping_cart": {"products": [{"id": "c"}]}, "custom_flags": {"Acme.a": 1, "b": 2},
      "product_action": {
        "action": "purchase", "transaction_id": 17, "affiliation": "web", "coupon_code": "C",
        "total_amount": "12.50", "tax_amount": 12345678901234567.89, "shipping_amount": "free",
        "checkout_step": 2, "checkout_options": "o", "product_action_list": "l",
        "product_list_source": "p",
        "products": [
          {"id": "1", "name": "n", "brand": "b", "category": "c", "variant": "v",
           "coupon_code": "k", "position": "3", "price": 1.5, "quantity": "2",
           "total_product_amount": 3, "added_to_cart_time_ms": 1,
           "custom_attributes": {"size": 44, "tags": ["a", 1], "of": null}},
          null, {"id": 2, "position": 2.9, "price": "", "colour": "red"}, {"position": 2147483648}
        ]
      }
    }`
    const body = `{"events":[{"event_type":"commerce_event","data":${data}}]}`
    const [delivery] = converted([partOf(body)], registration()).deliveries
    expect(delivery?.text).toContain('"total_amount":12.50,"tax_amount":12345678901234567.89,')
    const { tax_amount: _, ...rest } = commerce(data) ?? {}
    expect(rest).toEqual({
      type: 'product_action',
      action: 'purchase',
      transaction_id: '17',
      affiliation: 'web',
      coupon_code: 'C',
      currency_code: 'USD',
      total_amount: 12.5,
      custom_flags: { 'Acme.a': '1' },
      products: [
        {
          id: '1',
          name: 'n',
          brand: 'b',
          category: 'c',
          variant: 'v',
          coupon_code: 'k',
          position: 3,
          price: 1.5,
          quantity: 2,
          total_amount: 3,
          attributes: { size: '44', tags: '["a",1]', of: null },
        },
        { id: '2', position: 2 },
        {},
      ],
    })
  })

  it('goes before what else a commerce event has', () => {
    const data = {
      product_action: { action: 'click' },
      promotion_action: { action: 'view' },
      product_impressions: [{}],
    }
    expect(commerce(data)?.type).toBe('product_action')
    expect(commerce({ ...data, product_action: null })?.type).toBe('promotion_action')
  })
})

describe('a promotion action', () => {
  it.each([
    ['view', 'view'],
    ['click', 'click'],
    [1, 'view'],
    [2, 'click'],
    [0, 'unknown'],
    ['stare', 'unknown'],
    [undefined, 'unknown'],
  ])('with the action %j has %j', (action, sent) => {
    const promotionAction = action === undefined ? {} : { action }
    expect(commerce({ promotion_action: promotionAction })).toEqual({
      type: 'promotion_action',
      action: sent,
    })
  })

  it('has a position that is text', () => {
    const promotions = [{ id: 1, name: 'n', creative: 'c', position: 2, custom: 'x' }]
    expect(commerce({ promotion_action: { action: 'view', promotions } })).toMatchObject({
      promotions: [{ id: '1', name: 'n', creative: 'c', position: '2' }],
    })
  })
})

it('an impression has its lists by name', () => {
  const product_impressions = [
    { product_impression_list: 'grid', products: [{ id: 'a', total_product_amount: 2 }] },
    { products: [] },
  ]
  expect(commerce({ product_impressions, custom_attributes: { a: true } })).toEqual({
    type: 'impression',
    impressions: [{ impression_list_name: 'grid', products: [{ id: 'a', total_amount: 2 }] }, {}],
    attributes: { a: 'true' },
  })
})
