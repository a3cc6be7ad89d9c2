/**
 * The names in messages of the Firehose protocol (Firehose Java SDK 3.2.0).
 */

/** The version of the protocol in messages. */
export const firehoseVersion = '3.2.0'

export const eventTypes = [
  'session_start',
  'session_end',
  'custom_event',
  'screen_view',
  'error',
  'privacy_setting_change',
  'user_attribute_change',
  'user_identity_change',
  'push_subscription',
  'application_state_transition',
  'push_message_receipt',
  'push_message_open',
  'product_action',
  'promotion_action',
  'impression',
  'attribution',
] as const
export type EventType = (typeof eventTypes)[number]

export const runtimeTypes = [
  'unknown',
  'android',
  'ios',
  'tvos',
  'mobileweb',
  'roku',
  'xbox',
  'firetv',
  'alexa',
  'smarttv',
] as const
export type RuntimeType = (typeof runtimeTypes)[number]

export const deviceIdentityTypes = [
  'android_id',
  'google_advertising_id',
  'ios_advertising_id',
  'ios_vendor_id',
  'google_cloud_messaging_token',
  'apple_push_notification_token',
  'roku_advertising_id',
  'microsoft_advertising_id',
  'microsoft_publisher_id',
  'fire_advertising_id',
  'roku_publisher_id',
] as const
export type DeviceIdentityType = (typeof deviceIdentityTypes)[number]

export const userIdentityTypes = [
  'other',
  'customer',
  'facebook',
  'twitter',
  'google',
  'microsoft',
  'yahoo',
  'email',
  'other2',
  'other3',
  'other4',
  'other5',
  'other6',
  'other7',
  'other8',
  'other9',
  'other10',
  'mobile_number',
  'phone_number_2',
  'phone_number_3',
] as const
export type UserIdentityType = (typeof userIdentityTypes)[number]

/** The identities of data subject requests; some have another name than in events. */
export const dsrIdentityTypes = [
  'controller_customer_id',
  'android_advertising_id',
  'android_id',
  'email',
  'fire_advertising_id',
  'ios_advertising_id',
  'ios_vendor_id',
  'microsoft_advertising_id',
  'microsoft_publisher_id',
  'roku_publisher_id',
  'roku_advertising_id',
] as const
export type DsrIdentityType = (typeof dsrIdentityTypes)[number]

/** Encodings of identities: raw, or a hash of the lower-cased value in UTF-8, in hex. */
export const encodings = ['raw', 'md5', 'sha1', 'sha256'] as const
export type Encoding = (typeof encodings)[number]

export const notificationTypes = ['gdpr_consent_state', 'ccpa_consent_state'] as const
export type NotificationType = (typeof notificationTypes)[number]

export const customEventTypes = [
  'unknown',
  'navigation',
  'location',
  'search',
  'transaction',
  'user_content',
  'user_preference',
  'social',
  'other',
  'media',
] as const
export type CustomEventType = (typeof customEventTypes)[number]

export const applicationStates = [
  'install',
  'upgrade',
  'initialize',
  'exit',
  'background',
  'foreground',
] as const
export type ApplicationState = (typeof applicationStates)[number]

/** Note the spellings: `add_to_wishlist`, but `remove_from_wish_list`. */
export const productActions = [
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
] as const
export type ProductAction = (typeof productActions)[number]

export const promotionActions = ['unknown', 'view', 'click'] as const
export type PromotionAction = (typeof promotionActions)[number]

export const pushSubscriptionActions = ['subscribe', 'unsubscribe'] as const
export type PushSubscriptionAction = (typeof pushSubscriptionActions)[number]

export const privacySettings = ['app_data_collection'] as const
export type PrivacySetting = (typeof privacySettings)[number]

export const trackingAuthorizations = [
  'authorized',
  'denied',
  'not_determined',
  'restricted',
] as const
export type TrackingAuthorization = (typeof trackingAuthorizations)[number]

/** Changes of an audience's subscription. */
export const subscriptionActions = ['add', 'update', 'remove'] as const
export type SubscriptionAction = (typeof subscriptionActions)[number]

/** Changes of a user's membership: `delete`, where subscriptions have `remove`. */
export const membershipActions = ['add', 'delete', 'attribute_update'] as const
export type MembershipAction = (typeof membershipActions)[number]

export const attributeActions = ['upsert', 'delete'] as const
export type AttributeAction = (typeof attributeActions)[number]

export const dsrTypes = ['erasure'] as const
export type DsrType = (typeof dsrTypes)[number]

export const regulations = ['unknown', 'ccpa', 'gdpr'] as const
export type Regulation = (typeof regulations)[number]

/** The longest description of a module, markup included. */
export const maxDescriptionLength = 229
