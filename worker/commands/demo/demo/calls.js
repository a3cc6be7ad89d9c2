const products = [
  { id: 'W-42', name: 'Watering can', brand: 'Weir', price: 19.9, quantity: 2 },
  { id: 'W-7', name: 'Seeds', category: 'Garden', price: 15 },
]
const promotions = [{ id: 'rain', name: 'Rain week', creative: 'clouds', position: 'top' }]
const message = { payload: { order: 'order-1001' }, message: 'Your order is on its way.' }

/** Calls of buttons by name: a method and its arguments, from the fields of the button's card. */
export const calls = {
  track: ({ name, type, attribute, value }) => ['track', name, { [attribute]: value }, { type }],
  flags: ({ name, type, attribute, value }) => [
    'track',
    name,
    { [attribute]: value },
    { type, flags: { experiment: 'B' } },
  ],

  identify: ({ customer_id, email }) => [
    'identify',
    { customer_id: customer_id || null, email: email || null },
  ],
  logout: () => ['logout'],
  reset: () => ['reset'],
  alias: () => ['alias'],

  set: () => ['set', { plan: 'pro', interests: ['gardening', 'rivers'], 'beta tester': null }],
  setOnce: () => ['setOnce', { 'first seen': new Date().toISOString().slice(0, 10) }],
  increment: () => ['increment', { visits: 1 }],
  append: () => ['append', { interests: 'boats' }],
  remove: () => ['remove', { interests: 'gardening' }],
  unset: () => ['unset', 'plan', 'beta tester'],

  page: () => ['page', 'Demo', { section: 'start' }],
  session: () => ['session'],
  endSession: () => ['endSession'],

  products: ({ action, order }) => [
    'trackProducts',
    action,
    products,
    {
      transaction_id: order,
      total_amount: 59.7,
      tax_amount: 9.53,
      shipping_amount: 4.9,
      currency_code: 'EUR',
    },
  ],
  promotionView: () => ['trackPromotions', 'view', promotions],
  promotionClick: () => ['trackPromotions', 'click', promotions],
  impressions: () => ['trackImpressions', { 'search results': products }],

  handled: () => ['error', new TypeError('The basket has no price'), { step: 'payment' }],

  consent: () => ['setConsent', { gdpr: { analytics: true, ads: false }, ccpa: false }],
  withdraw: () => ['setConsent', { gdpr: { analytics: false, ads: null }, ccpa: true }],
  optOut: () => ['optOut'],
  optIn: () => ['optIn'],
  isOptedOut: () => ['isOptedOut'],

  register: () => ['registerPush', 'demo-token'],
  unregister: () => ['unregisterPush', 'demo-token'],
  received: () => ['trackPush', 'received', message],
  action: () => ['trackPush', 'action', { ...message, action: 'track-parcel' }],
  locate: () => ['locate', { enableHighAccuracy: true }],
  stopLocating: () => ['stopLocating'],

  flush: () => ['flush'],
  close: () => ['close'],
}
