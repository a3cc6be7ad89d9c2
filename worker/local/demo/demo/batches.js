/** @param {string} event_type */
const event = (event_type, data = {}) => ({
  event_type,
  data: {
    timestamp_unixtime_ms: Date.now(),
    source_message_id: crypto.randomUUID(),
    ...data,
  },
})

let hasConsented = false
let isOptedOut = false

const consent = () => {
  hasConsented = !hasConsented
  const record = {
    consented: hasConsented,
    timestamp_unixtime_ms: Date.now(),
    document: 'privacy-2026-11',
  }
  return { events: [], consent_state: { gdpr: { analytics: record } } }
}

const session = () => {
  const endMs = Date.now()
  const common = {
    session_uuid: crypto.randomUUID().toUpperCase(),
    session_start_unixtime_ms: endMs - 42_000,
  }
  return {
    events: [
      event('session_start', { ...common, timestamp_unixtime_ms: endMs - 42_000 }),
      event('session_end', { ...common, session_duration_ms: 42_000 }),
    ],
  }
}

const optOut = () => {
  isOptedOut = !isOptedOut
  return { events: [event('opt_out', { is_opted_out: isOptedOut })] }
}

/** What the buttons under "Other events" send, by their names: the fields of a batch. */
export const batches = {
  consent,
  session,
  optOut,
  purchase: () => ({
    events: [
      event('commerce_event', {
        custom_event_type: 'purchase',
        currency_code: 'EUR',
        product_action: {
          action: 'purchase',
          transaction_id: `t-${Date.now()}`,
          total_amount: 59.7,
          tax_amount: 9.53,
          shipping_amount: 4.9,
          products: [
            { id: 'W-42', name: 'Watering can', price: 19.9, quantity: 2, brand: 'Weir' },
            { id: 'W-7', name: 'Seeds', price: 15, quantity: 1, category: 'Garden' },
          ],
        },
      }),
    ],
  }),
  error: () => ({
    events: [
      event('crash_report', {
        class_name: 'TypeError',
        message: "Cannot read properties of undefined (reading 'price')",
        severity: 'error',
        exception_handled: true,
        stack_trace: `TypeError: Cannot read properties of undefined\n    at cart (${location.origin}/cart.js:12:7)`,
      }),
    ],
  }),
  push: () => ({
    events: [
      event('push_registration', { register: true, registration_token: crypto.randomUUID() }),
      event('push_message', {
        push_message_type: 'received',
        message: 'Your order is on its way.',
        network: 'gcm',
        application_state: 'background',
      }),
    ],
  }),
  network: () => ({
    events: [
      event('network_performance', {
        http_verb: 'GET',
        url: `${location.origin}/products?page=2`,
        time_elapsed: 182,
        bytes_in: 18_412,
        bytes_out: 610,
        response_code: 200,
      }),
    ],
  }),
}

/** Bodies of which all or a part cannot be understood. */
export const garbage = () => [
  '{"events": [{"event_type": "custom_event", "data"',
  JSON.stringify({
    source_request_id: crypto.randomUUID(),
    events: [
      { data: { event_name: 'An event without a type' } },
      'not an event',
      event('custom_event', {
        event_name: 'The good one among them',
        custom_event_type: 'other',
      }),
    ],
  }),
]
