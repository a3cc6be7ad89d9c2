import type {
  ApplicationStateTransitionEvent,
  AttributionEvent,
  CustomEvent,
  ErrorEvent,
  Event,
  EventBase,
  Impression,
  ImpressionEvent,
  Location,
  PrivacySettingChangeEvent,
  Product,
  ProductActionEvent,
  Promotion,
  PromotionActionEvent,
  PushMessageOpenEvent,
  PushMessageReceiptEvent,
  PushSubscriptionEvent,
  ScreenViewEvent,
  SessionEndEvent,
  SessionStartEvent,
  UnknownEvent,
  UserAttributeChangeEvent,
  UserIdentityChangeEvent,
} from '../events'
import {
  applicationStates,
  customEventTypes,
  type EventType,
  privacySettings,
  productActions,
  promotionActions,
  pushSubscriptionActions,
} from '../names'
import { type Fields, list, object, required, variants } from './field'
import { userIdentities } from './identities'
import {
  decimal,
  exactInt64,
  flag,
  int32,
  int64,
  known,
  raw,
  text,
  textMap,
  texts,
  uuid,
  word,
} from './scalars'

const common: Fields<EventBase> = {
  id: required(uuid, () => crypto.randomUUID()),
  timestamp_ms: required(int64, () => Date.now()),
  source_id: text,
  session_id: exactInt64,
  // A location without a coordinate is left out: 0 would be a place.
  location: object<Location>({
    latitude: required(decimal),
    longitude: required(decimal),
    accuracy: decimal,
  }),
}

const of = <Type extends EventType>(type: Type) => ({ type: required(known([type])), ...common })
const needed = required(text, () => '')
const neededWord = (words: readonly string[]) => required(word(words), () => '')
const flagged = { attributes: textMap, custom_flags: textMap }

const products = list(
  object<Product>({
    id: text,
    name: text,
    brand: text,
    category: text,
    variant: text,
    coupon_code: text,
    position: int32,
    price: decimal,
    quantity: decimal,
    total_amount: decimal,
    attributes: textMap,
  })
)

const promotion = object<Promotion>({ id: text, name: text, creative: text, position: text })
const impression = object<Impression>({ impression_list_name: text, products })

const commerce = {
  product_action: object<ProductActionEvent>({
    ...of('product_action'),
    action: neededWord(productActions),
    transaction_id: text,
    affiliation: text,
    currency_code: text,
    coupon_code: text,
    total_amount: decimal,
    tax_amount: decimal,
    shipping_amount: decimal,
    products,
    ...flagged,
  }),
  promotion_action: object<PromotionActionEvent>({
    ...of('promotion_action'),
    action: neededWord(promotionActions),
    promotions: list(promotion),
    ...flagged,
  }),
  impression: object<ImpressionEvent>({
    ...of('impression'),
    impressions: list(impression),
    ...flagged,
  }),
}

const changes = {
  privacy_setting_change: object<PrivacySettingChangeEvent>({
    ...of('privacy_setting_change'),
    setting: neededWord(privacySettings),
    is_enabled: flag,
  }),
  user_attribute_change: object<UserAttributeChangeEvent>({
    ...of('user_attribute_change'),
    added: textMap,
    removed: textMap,
  }),
  user_identity_change: object<UserIdentityChangeEvent>({
    ...of('user_identity_change'),
    added: userIdentities,
    removed: userIdentities,
  }),
  application_state_transition: object<ApplicationStateTransitionEvent>({
    ...of('application_state_transition'),
    application_state: neededWord(applicationStates),
    launch_referral: text,
    referral_application: text,
    launch_parameters: text,
    source_package: text,
  }),
}

const push = {
  push_subscription: object<PushSubscriptionEvent>({
    ...of('push_subscription'),
    action: neededWord(pushSubscriptionActions),
    token: needed,
  }),
  push_message_receipt: object<PushMessageReceiptEvent>({
    ...of('push_message_receipt'),
    payload: text,
  }),
  push_message_open: object<PushMessageOpenEvent>({ ...of('push_message_open'), payload: text }),
}

export const event = variants<Event, UnknownEvent>(
  {
    session_start: object<SessionStartEvent>(of('session_start')),
    session_end: object<SessionEndEvent>({ ...of('session_end'), session_length_ms: int64 }),
    custom_event: object<CustomEvent>({
      ...of('custom_event'),
      name: needed,
      custom_event_type: word(customEventTypes),
      ...flagged,
    }),
    screen_view: object<ScreenViewEvent>({
      ...of('screen_view'),
      screen_name: needed,
      ...flagged,
    }),
    error: object<ErrorEvent>({
      ...of('error'),
      message: text,
      is_crash: flag,
      stack_trace: text,
      breadcrumbs: texts,
      attributes: textMap,
    }),
    attribution: object<AttributionEvent>({
      ...of('attribution'),
      name: text,
      partner_name: text,
      publisher_name: text,
      campaign_name: text,
      attributes: textMap,
    }),
    ...changes,
    ...push,
    ...commerce,
  },
  raw
)
