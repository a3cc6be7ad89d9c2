import fc from 'fast-check'
import {
  deviceIdentityTypes,
  type EventType,
  encodings,
  eventTypes as firehoseEvents,
  notificationTypes,
  type RuntimeType,
  runtimeTypes,
  userIdentityTypes,
} from '../../sdk/firehose/names'
import type { Permissions, Registration } from '../../sdk/firehose/registration'
import { jsonText, listOf, oneOf, textOf } from './arbitrary'
import { eventTypes } from './rich-batch'

// Any JSON in each of so many fields would take seconds to make.
const odd = fc.constantFrom(
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '{"a":[1]}',
  '1e400',
  '7346244611012968789',
  '12345678901234567.890',
  '"\\ud800"',
  '-0'
)

/** The text of an object with some of these fields, sometimes odd, and sometimes strange others. */
const objectWith = (known: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> => {
  const strange = { a_field_of_tomorrow: odd, constructor: odd, ['__proto__']: odd }
  const fields = Object.entries({ ...strange, ...known }).map(([name, good]) =>
    fc
      .oneof(
        { weight: Object.hasOwn(known, name) ? 8 : 1, arbitrary: good },
        { weight: 1, arbitrary: odd },
        { weight: Object.hasOwn(known, name) ? 1 : 8, arbitrary: fc.constant('') }
      )
      .map((one) => (one === '' ? [] : [`${JSON.stringify(name)}:${one}`]))
  )
  return fc.tuple(...fields).map((all) => `{${all.flat().join()}}`)
}

const text = textOf(fc.string())
const flag = oneOf(true, false, 'true', null)
const amount = oneOf(1, 2.5, '3.50', 0, -1)
const time = oneOf(1795229708345, '1795229708345', 1614187122051)
const freeMap = objectWith({ a: jsonText, 'b c': jsonText })

const location = objectWith({
  latitude: oneOf(1.5, '2', 0),
  longitude: oneOf(-1, '3.25'),
  accuracy: oneOf(5),
})

const product = objectWith({
  id: text,
  name: text,
  position: amount,
  price: amount,
  quantity: amount,
  total_product_amount: amount,
  coupon_code: text,
  custom_attributes: freeMap,
})

const identity = objectWith({
  identity_type: oneOf('email', 'customer_id', 'customerid', 'other_id_2', 'alias'),
  identity: text,
})

const commerce = {
  product_action: fc.oneof(
    fc.constant('null'),
    objectWith({
      action: oneOf('purchase', 'add_to_wishlist', 'remove_from_wish_list', 'unknown', 'dance'),
      transaction_id: text,
      total_amount: amount,
      tax_amount: amount,
      products: listOf(product),
    })
  ),
  promotion_action: objectWith({
    action: oneOf('view', 1, 'dance'),
    promotions: listOf(objectWith({ id: text, position: amount, custom: text })),
  }),
  product_impressions: listOf(
    objectWith({ product_impression_list: text, products: listOf(product) })
  ),
  currency_code: oneOf('EUR'),
}

const push = {
  push_message_type: oneOf('received', 'action', 'sent'),
  push_notification_payload: oneOf('{"acme":"{}"}', { acme: {} }, '{"other":1}', 'x'),
  register: flag,
  registration_token: text,
}

const changes = {
  user_attribute_name: text,
  new: fc.oneof(identity, jsonText),
  old: fc.oneof(identity, jsonText),
  deleted: flag,
  is_opted_out: flag,
  application_transition_type: oneOf('application_initialized', 'application_exit', 'dance'),
  is_first_run: flag,
}

const data = objectWith({
  timestamp_unixtime_ms: time,
  source_message_id: fc.oneof(textOf(fc.uuid()), text),
  session_id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  session_uuid: textOf(fc.uuid()),
  location,
  custom_attributes: freeMap,
  custom_flags: objectWith({ 'Acme.a': jsonText, 'Other.b': jsonText }),
  event_name: text,
  custom_event_type: oneOf('other', 'attribution', 'dance'),
  screen_name: text,
  session_duration_ms: time,
  message: text,
  exception_handled: flag,
  breadcrumbs: listOf(objectWith({ data: objectWith({ label: text }) })),
  ...commerce,
  ...push,
  ...changes,
})

const named = ['custom_event', 'screen_view', 'commerce_event', 'push_message']
const event_type = fc.oneof(oneOf(...named), oneOf(...eventTypes))
const event = objectWith({ event_type, data })

const consent = objectWith({
  consented: flag,
  document: text,
  timestamp_unixtime_ms: time,
  location: text,
})

const platforms = [
  'web',
  'Android',
  'iOS',
  'tvOS',
  'roku',
  'xbox',
  'fire_tv',
  'smart_tv',
  'desktop',
]

const about = {
  user_attributes: objectWith({ plan: text, tag: oneOf(null), likes: listOf(jsonText) }),
  user_identities: fc.oneof(
    objectWith({ customer_id: text, email: text, other2: text, alias: text }),
    listOf(identity)
  ),
  partner_identities: objectWith({ Acme_uid: text, Other_id: text }),
  integration_attributes: objectWith({ '123': freeMap, '124': freeMap }),
  consent_state: objectWith({
    gdpr: objectWith({ analytics: consent }),
    ccpa: objectWith({ data_sale_opt_out: consent, other: consent }),
  }),
}

const origin = {
  device_info: objectWith({
    platform: oneOf(...platforms),
    device_model: text,
    screen_width: amount,
    timezone_offset: oneOf(5.5, -3, '2'),
    is_tablet: flag,
    limit_ad_tracking: flag,
    push_token: text,
    ios_idfv: textOf(fc.uuid()),
    android_uuid: text,
    att_authorization_status: oneOf('authorized', 'dance'),
    att_timestamp_unixtime_ms: time,
    http_header_user_agent: text,
  }),
  application_info: objectWith({
    application_name: text,
    package: text,
    os: oneOf('IOS', 'dance'),
    apple_search_ads_attributes: objectWith({ Version3: freeMap }),
  }),
  context: objectWith({ data_plan: objectWith({ plan_id: text, plan_version: amount }) }),
  mp_deviceid: textOf(fc.uuid()),
  ip: text,
  sdk_version: text,
  environment: oneOf('production', 'development'),
  source_request_id: fc.oneof(textOf(fc.uuid()), text),
  attribution_info: objectWith({ service_provider: text }),
}

/** The text of a batch with something in every field that the protocol takes. */
export const firehoseBatchText: fc.Arbitrary<string> = objectWith({
  events: listOf(event),
  ...about,
  ...origin,
})

/** The text of the changes of consent that go with a batch. */
export const notificationsText: fc.Arbitrary<string> = listOf(
  objectWith({
    type: oneOf('gdpr_change', 'ccpa_change'),
    data: objectWith({ purpose: text, old: consent, current: consent }),
  })
)

const identitiesOf = <Type extends string>(types: readonly Type[]) =>
  fc.uniqueArray(
    fc.record({ type: fc.constantFrom(...types), encoding: fc.constantFrom(...encodings) }),
    { selector: ({ type }) => type }
  )

const permissions: fc.Arbitrary<Permissions> = fc.record({
  user_identities: identitiesOf(userIdentityTypes),
  device_identities: identitiesOf(deviceIdentityTypes),
  partner_identities: identitiesOf(['Acme_uid']),
  allow_access_location: fc.boolean(),
  allow_access_ip_address: fc.boolean(),
  allow_access_http_user_agent: fc.boolean(),
  allow_access_device_application_stamp: fc.boolean(),
  allow_access_mpid: fc.boolean(),
  allow_device_info: fc.boolean(),
  allow_user_attributes: fc.boolean(),
  allow_consent_state: fc.boolean(),
  allow_platform_fields: fc.boolean(),
  allow_eventless_batches: fc.boolean(),
})

/** What an integration may want and be allowed. */
export const anyRegistration: fc.Arbitrary<Registration> = fc.record({
  name: fc.constant('Acme'),
  version: fc.constant('1'),
  permissions,
  event_processing_registration: fc.record({
    supported_event_types: fc.oneof(
      { weight: 4, arbitrary: fc.constant<EventType[]>([...firehoseEvents]) },
      { weight: 1, arbitrary: fc.subarray([...firehoseEvents]) }
    ),
    supported_runtime_environments: fc.oneof(
      { weight: 4, arbitrary: fc.constant<RuntimeType[]>([]) },
      { weight: 1, arbitrary: fc.subarray([...runtimeTypes]) }
    ),
    supported_system_notification_types: fc.subarray([...notificationTypes]),
    max_data_age_hours: fc.constant(-1),
    push_messaging_provider_id: fc.constant('acme'),
  }),
})
