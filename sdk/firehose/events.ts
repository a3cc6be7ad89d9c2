import type { UserIdentity } from './identities'
import type {
  ApplicationState,
  CustomEventType,
  PrivacySetting,
  ProductAction,
  PromotionAction,
  PushSubscriptionAction,
} from './names'
import type { Open, TextMap, UnknownType } from './open'

export interface Location {
  latitude: number
  longitude: number
  accuracy?: number
}

export interface EventBase {
  /** A UUID. It is the same in every attempt: deduplicate by it. */
  id: string
  timestamp_ms: number
  /** The client's id of the event. */
  source_id?: string
  /** A 64-bit integer; a string if it has 16 or more digits. 0 or missing: no session. */
  session_id?: number | string
  location?: Location
}

export interface SessionStartEvent extends EventBase {
  type: 'session_start'
}

export interface SessionEndEvent extends EventBase {
  type: 'session_end'
  session_length_ms?: number
}

export interface CustomEvent extends EventBase {
  type: 'custom_event'
  name: string
  custom_event_type?: Open<CustomEventType>
  attributes?: TextMap
  /** The flags whose names begin with the module's name and a dot. */
  custom_flags?: TextMap
}

export interface ScreenViewEvent extends EventBase {
  type: 'screen_view'
  screen_name: string
  attributes?: TextMap
  custom_flags?: TextMap
}

export interface ErrorEvent extends EventBase {
  type: 'error'
  message?: string
  is_crash?: boolean
  stack_trace?: string
  breadcrumbs?: string[]
  attributes?: TextMap
}

export interface PrivacySettingChangeEvent extends EventBase {
  type: 'privacy_setting_change'
  setting: Open<PrivacySetting>
  is_enabled?: boolean
}

export interface UserAttributeChangeEvent extends EventBase {
  type: 'user_attribute_change'
  added?: TextMap
  removed?: TextMap
}

export interface UserIdentityChangeEvent extends EventBase {
  type: 'user_identity_change'
  added?: UserIdentity[]
  removed?: UserIdentity[]
}

export interface PushSubscriptionEvent extends EventBase {
  type: 'push_subscription'
  action: Open<PushSubscriptionAction>
  token: string
}

export interface ApplicationStateTransitionEvent extends EventBase {
  type: 'application_state_transition'
  application_state: Open<ApplicationState>
  launch_referral?: string
  referral_application?: string
  launch_parameters?: string
  source_package?: string
}

export interface PushMessageReceiptEvent extends EventBase {
  type: 'push_message_receipt'
  /** JSON text. The provider's part in it is JSON text on Android, an object on iOS. */
  payload?: string
}

export interface PushMessageOpenEvent extends EventBase {
  type: 'push_message_open'
  payload?: string
}

export interface Product {
  id?: string
  name?: string
  brand?: string
  category?: string
  variant?: string
  coupon_code?: string
  position?: number
  price?: number
  quantity?: number
  total_amount?: number
  attributes?: TextMap
}

export interface ProductActionEvent extends EventBase {
  type: 'product_action'
  action: Open<ProductAction>
  transaction_id?: string
  affiliation?: string
  currency_code?: string
  coupon_code?: string
  total_amount?: number
  tax_amount?: number
  shipping_amount?: number
  products?: Product[]
  attributes?: TextMap
  custom_flags?: TextMap
}

export interface Promotion {
  id?: string
  name?: string
  creative?: string
  /** Text, unlike the position of a product. */
  position?: string
}

export interface PromotionActionEvent extends EventBase {
  type: 'promotion_action'
  action: Open<PromotionAction>
  promotions?: Promotion[]
  attributes?: TextMap
  custom_flags?: TextMap
}

export interface Impression {
  impression_list_name?: string
  products?: Product[]
}

export interface ImpressionEvent extends EventBase {
  type: 'impression'
  impressions?: Impression[]
  attributes?: TextMap
  custom_flags?: TextMap
}

export interface AttributionEvent extends EventBase {
  type: 'attribution'
  name?: string
  partner_name?: string
  publisher_name?: string
  campaign_name?: string
  attributes?: TextMap
}

export type Event =
  | SessionStartEvent
  | SessionEndEvent
  | CustomEvent
  | ScreenViewEvent
  | ErrorEvent
  | PrivacySettingChangeEvent
  | UserAttributeChangeEvent
  | UserIdentityChangeEvent
  | PushSubscriptionEvent
  | ApplicationStateTransitionEvent
  | PushMessageReceiptEvent
  | PushMessageOpenEvent
  | ProductActionEvent
  | PromotionActionEvent
  | ImpressionEvent
  | AttributionEvent

/** An event of a type that this version does not know, unchanged. */
export interface UnknownEvent {
  type: UnknownType
  [field: string]: unknown
}
