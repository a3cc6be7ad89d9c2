import type { SystemNotification, UnknownNotification } from './consent'
import type { Event, UnknownEvent } from './events'
import type { EventHooks } from './hooks'
import type { Awaitable, Received } from './received'

export const dispatchNotification = (
  hooks: EventHooks,
  notification: Received<SystemNotification | UnknownNotification>
): Awaitable<void> => {
  switch (notification.type) {
    case 'gdpr_consent_state':
      return hooks.processGDPRConsentStateNotification(notification)
    case 'ccpa_consent_state':
      return hooks.processCCPAConsentStateNotification(notification)
    default:
      return hooks.onUnknownNotification(notification)
  }
}

export const dispatchEvent = (
  hooks: EventHooks,
  event: Received<Event | UnknownEvent>
): Awaitable<void> => {
  switch (event.type) {
    case 'session_start':
      return hooks.processSessionStartEvent(event)
    case 'session_end':
      return hooks.processSessionEndEvent(event)
    case 'custom_event':
      return hooks.processCustomEvent(event)
    case 'screen_view':
      return hooks.processScreenViewEvent(event)
    case 'error':
      return hooks.processErrorEvent(event)
    case 'privacy_setting_change':
      return hooks.processPrivacySettingChangeEvent(event)
    case 'user_attribute_change':
      return hooks.processUserAttributeChangeEvent(event)
    case 'user_identity_change':
      return hooks.processUserIdentityChangeEvent(event)
    case 'push_subscription':
      return hooks.processPushSubscriptionEvent(event)
    case 'application_state_transition':
      return hooks.processApplicationStateTransitionEvent(event)
    case 'push_message_receipt':
      return hooks.processPushMessageReceiptEvent(event)
    case 'push_message_open':
      return hooks.processPushMessageOpenEvent(event)
    case 'product_action':
      return hooks.processProductActionEvent(event)
    case 'promotion_action':
      return hooks.processPromotionActionEvent(event)
    case 'impression':
      return hooks.processImpressionEvent(event)
    case 'attribution':
      return hooks.processAttributionEvent(event)
    default:
      return hooks.onUnknownEvent(event)
  }
}
