import type {
  CcpaConsentStateNotification,
  GdprConsentStateNotification,
  UnknownNotification,
} from './consent'
import type {
  ApplicationStateTransitionEvent,
  AttributionEvent,
  CustomEvent,
  ErrorEvent,
  ImpressionEvent,
  PrivacySettingChangeEvent,
  ProductActionEvent,
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
} from './events'
import type { Awaitable, Received } from './received'

/**
 * An integration's hooks for the events and notifications of a request. By default they do nothing.
 */
export abstract class EventHooks {
  processGDPRConsentStateNotification(
    _notification: Received<GdprConsentStateNotification>
  ): Awaitable<void> {}
  processCCPAConsentStateNotification(
    _notification: Received<CcpaConsentStateNotification>
  ): Awaitable<void> {}
  processSessionStartEvent(_event: Received<SessionStartEvent>): Awaitable<void> {}
  processSessionEndEvent(_event: Received<SessionEndEvent>): Awaitable<void> {}
  processCustomEvent(_event: Received<CustomEvent>): Awaitable<void> {}
  processScreenViewEvent(_event: Received<ScreenViewEvent>): Awaitable<void> {}
  processErrorEvent(_event: Received<ErrorEvent>): Awaitable<void> {}
  processPrivacySettingChangeEvent(_event: Received<PrivacySettingChangeEvent>): Awaitable<void> {}
  processUserAttributeChangeEvent(_event: Received<UserAttributeChangeEvent>): Awaitable<void> {}
  processUserIdentityChangeEvent(_event: Received<UserIdentityChangeEvent>): Awaitable<void> {}
  processPushSubscriptionEvent(_event: Received<PushSubscriptionEvent>): Awaitable<void> {}
  processApplicationStateTransitionEvent(
    _event: Received<ApplicationStateTransitionEvent>
  ): Awaitable<void> {}
  processPushMessageReceiptEvent(_event: Received<PushMessageReceiptEvent>): Awaitable<void> {}
  processPushMessageOpenEvent(_event: Received<PushMessageOpenEvent>): Awaitable<void> {}
  processProductActionEvent(_event: Received<ProductActionEvent>): Awaitable<void> {}
  processPromotionActionEvent(_event: Received<PromotionActionEvent>): Awaitable<void> {}
  processImpressionEvent(_event: Received<ImpressionEvent>): Awaitable<void> {}
  processAttributionEvent(_event: Received<AttributionEvent>): Awaitable<void> {}

  /** For events of a type that this version does not know. */
  onUnknownEvent(_event: Received<UnknownEvent>): Awaitable<void> {}
  /** For system notifications of a type that this version does not know. */
  onUnknownNotification(_notification: Received<UnknownNotification>): Awaitable<void> {}
}
