import type { SystemNotification, UnknownNotification } from './consent'
import type { Event, UnknownEvent } from './events'
import type { MessageProcessor } from './processor'
import type { Awaitable, Received } from './received'

export const dispatchNotification = (
  processor: MessageProcessor,
  notification: Received<SystemNotification | UnknownNotification>
): Awaitable<void> => {
  switch (notification.type) {
    case 'gdpr_consent_state':
      return processor.processGDPRConsentStateNotification(notification)
    case 'ccpa_consent_state':
      return processor.processCCPAConsentStateNotification(notification)
    default:
      return processor.onUnknownNotification(notification)
  }
}

export const dispatchEvent = (
  processor: MessageProcessor,
  event: Received<Event | UnknownEvent>
): Awaitable<void> => {
  switch (event.type) {
    case 'session_start':
      return processor.processSessionStartEvent(event)
    case 'session_end':
      return processor.processSessionEndEvent(event)
    case 'custom_event':
      return processor.processCustomEvent(event)
    case 'screen_view':
      return processor.processScreenViewEvent(event)
    case 'error':
      return processor.processErrorEvent(event)
    case 'privacy_setting_change':
      return processor.processPrivacySettingChangeEvent(event)
    case 'user_attribute_change':
      return processor.processUserAttributeChangeEvent(event)
    case 'user_identity_change':
      return processor.processUserIdentityChangeEvent(event)
    case 'push_subscription':
      return processor.processPushSubscriptionEvent(event)
    case 'application_state_transition':
      return processor.processApplicationStateTransitionEvent(event)
    case 'push_message_receipt':
      return processor.processPushMessageReceiptEvent(event)
    case 'push_message_open':
      return processor.processPushMessageOpenEvent(event)
    case 'product_action':
      return processor.processProductActionEvent(event)
    case 'promotion_action':
      return processor.processPromotionActionEvent(event)
    case 'impression':
      return processor.processImpressionEvent(event)
    case 'attribution':
      return processor.processAttributionEvent(event)
    default:
      return processor.onUnknownEvent(event)
  }
}
