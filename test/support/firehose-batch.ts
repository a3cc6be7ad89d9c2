import fc from 'fast-check'

const text = fc.string({ minLength: 1, maxLength: 12 })
const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/).map((one) => `$${one}`)
const texts = fc.dictionary(name, text, { maxKeys: 4, minKeys: 1, noNullPrototype: true })
const amount = fc.double({ min: 0, max: 1e6, noNaN: true })
const ms = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 })
const optional = <T>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(record, { requiredKeys: [], noNullPrototype: true })

const product = optional({
  id: text,
  name: text,
  brand: text,
  category: text,
  variant: text,
  coupon_code: text,
  position: fc.integer({ min: 1, max: 100 }),
  price: amount,
  quantity: amount,
  total_product_amount: amount,
  custom_attributes: texts,
}).filter((one) => Object.keys(one).length > 0)

const flags = fc.dictionary(
  name.map((one) => `Acme.${one}`),
  text,
  { minKeys: 1, maxKeys: 2, noNullPrototype: true }
)
const initialized = { application_transition_type: 'application_initialized' }
const identity = (identity: string) => ({ identity_type: 'customer_id', identity })

const dataOf: Record<string, fc.Arbitrary<object>[]> = {
  session_start: [fc.constant({})],
  session_end: [optional({ session_duration_ms: fc.nat() })],
  screen_view: [fc.record({ screen_name: text, custom_attributes: texts, custom_flags: flags })],
  custom_event: [
    fc.record({
      event_name: text,
      custom_event_type: fc.constantFrom('navigation', 'search', 'media', 'other'),
      custom_attributes: texts,
      custom_flags: flags,
    }),
    fc.record({
      event_name: text,
      custom_event_type: fc.constant('attribution'),
      partner_name: text,
    }),
    fc.record({
      event_name: text,
      custom_event_type: fc.constant('attribution'),
      custom_attributes: fc.record({ publisher: text, campaign: text }),
    }),
  ],
  commerce_event: [
    fc.record({
      currency_code: fc.constant('EUR'),
      custom_attributes: texts,
      custom_flags: flags,
      product_action: fc.record({
        action: fc.constantFrom('purchase', 'add_to_cart', 'remove_from_wish_list'),
        transaction_id: text,
        affiliation: text,
        total_amount: amount,
        tax_amount: amount,
        shipping_amount: amount,
        coupon_code: text,
        products: fc.array(product, { minLength: 1, maxLength: 3 }),
      }),
    }),
    fc.record({
      promotion_action: fc.record({
        action: fc.constantFrom('view', 'click'),
        promotions: fc.array(fc.record({ id: text, name: text, creative: text, position: text }), {
          minLength: 1,
          maxLength: 2,
        }),
      }),
    }),
    fc.record({
      product_impressions: fc.array(
        fc.record({ product_impression_list: text, products: fc.array(product, { minLength: 1 }) }),
        { minLength: 1, maxLength: 2 }
      ),
    }),
  ],
  crash_report: [
    fc.record({
      message: text,
      stack_trace: text,
      exception_handled: fc.boolean(),
      custom_attributes: texts,
      breadcrumbs: fc.array(
        text.map((label) => ({ event_type: 'breadcrumb', data: { label } })),
        { minLength: 1, maxLength: 2 }
      ),
    }),
  ],
  opt_out: [fc.record({ is_opted_out: fc.boolean() })],
  push_registration: [fc.record({ register: fc.boolean(), registration_token: text })],
  push_message: [
    fc.record({
      push_message_type: fc.constantFrom('received', 'action'),
      push_notification_payload: text.map((one) => JSON.stringify({ Acme: one })),
    }),
  ],
  application_state_transition: [
    fc.constantFrom<object[]>(
      { ...initialized, is_first_run: true },
      { ...initialized, is_upgrade: true },
      initialized,
      { application_transition_type: 'application_exit', launch_referral: 'r' },
      {
        application_transition_type: 'application_background',
        referral_application: 'a',
        launch_parameters: 'p',
        source_package: 's',
      },
      { application_transition_type: 'application_foreground' }
    ),
  ],
  user_attribute_change: [
    fc.record({ user_attribute_name: name, new: text, old: text }).map((one) => ({
      ...one,
      deleted: false,
      is_new_attribute: false,
    })),
    fc.record({ user_attribute_name: name, new: text }).map((one) => ({
      ...one,
      old: null,
      deleted: false,
      is_new_attribute: true,
    })),
    fc.record({ user_attribute_name: name, old: text }).map((one) => ({
      ...one,
      new: null,
      deleted: true,
      is_new_attribute: false,
    })),
  ],
  user_identity_change: [
    fc.record({ new: text.map(identity), old: text.map(identity) }),
    fc.record({ new: text.map(identity), old: fc.constant(null) }),
  ],
}

const common = fc.record(
  {
    timestamp_unixtime_ms: ms,
    source_message_id: fc.uuid(),
    session_id: fc.integer({ min: 1, max: 2 ** 31 }),
    location: fc.record({ latitude: amount, longitude: amount, accuracy: amount }),
  },
  { requiredKeys: ['timestamp_unixtime_ms', 'source_message_id'], noNullPrototype: true }
)

const event = fc.oneof(
  ...Object.entries(dataOf).flatMap(([event_type, datas]) =>
    datas.map((data) =>
      fc.tuple(data, common).map(([own, shared]) => ({ event_type, data: { ...own, ...shared } }))
    )
  )
)

const consent = fc.record({
  consented: fc.boolean(),
  document: text,
  timestamp_unixtime_ms: ms,
  location: text,
  hardware_id: text,
})

const shared = {
  brand: text,
  product: text,
  device: text,
  os_version: text,
  build_identifier: text,
}
const names = { device_manufacturer: text, device_model: text, device_country: text }
const screen = {
  screen_width: fc.integer({ min: 1, max: 5000 }),
  screen_height: fc.integer({ min: 1, max: 5000 }),
  timezone_offset: fc.integer({ min: -12, max: 14 }),
  locale_language: text,
  locale_country: text,
  http_header_user_agent: text,
  is_tablet: fc.boolean(),
}
const network = { network_country: text, network_carrier: text, network_code: text }
const onDevice = { ...shared, ...names, ...screen, ...network }

const device_info = fc.oneof(
  fc.record({
    ...onDevice,
    platform: fc.constant('Android'),
    android_uuid: text,
    timezone_name: text,
    android_sdk_level: fc.integer({ min: 1, max: 99 }),
    android_advertising_id: text,
    push_token: text,
    has_nfc: fc.boolean(),
    bluetooth_version: text,
  }),
  fc.record({
    ...onDevice,
    platform: fc.constant('iOS'),
    ios_advertising_id: text,
    ios_idfv: text,
    timezone_name: text,
    is_sandboxed: fc.boolean(),
    push_token: text,
    att_authorization_status: fc.constantFrom('authorized', 'denied'),
    radio_access_technology: text,
  }),
  fc.record({
    ...onDevice,
    platform: fc.constant('web'),
    push_token: text,
    limit_ad_tracking: fc.boolean(),
    is_dst: fc.boolean(),
  })
)

/** A batch of nothing but what the protocol has a place for. */
export const firehoseBatch = fc.record({
  events: fc.array(event, { minLength: 1, maxLength: 6 }),
  environment: fc.constantFrom('production', 'development'),
  mp_deviceid: fc.uuid(),
  ip: fc.ipV4(),
  sdk_version: text,
  source_request_id: fc.uuid(),
  user_identities: fc.record({ customer_id: text, email: text, other_id_3: text }),
  user_attributes: fc.tuple(texts, text).map(([all, one]) => ({ ...all, likes: [one], tag: null })),
  integration_attributes: texts.map((Acme) => ({ Acme })),
  context: fc.record({ data_plan: fc.record({ plan_id: text, plan_version: fc.nat(1000) }) }),
  consent_state: fc.record({
    gdpr: fc.dictionary(name, consent, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    ccpa: fc.record({ data_sale_opt_out: consent }),
  }),
  system_notifications: fc
    .record({ purpose: name, old: consent, current: consent })
    .map(({ purpose, old, current }) => [
      {
        type: 'gdpr_change',
        data: {
          purpose,
          old: { ...old, regulation: 'GDPR' },
          current: { ...current, regulation: 'GDPR' },
        },
      },
    ]),
  application_info: fc.record({ application_name: text, application_version: text, package: text }),
  device_info,
  platform_fields: fc.record({ dataplan_name: text, input_name: text }),
})
