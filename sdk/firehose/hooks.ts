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

/** The hooks of an integration for what an event request holds. Each does nothing until overridden. */
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

  /** An event of a type that this version does not know, as it came. */
  onUnknownEvent(_event: Received<UnknownEvent>): Awaitable<void> {}
  /** A system notification of a type that this version does not know, as it came. */
  onUnknownNotification(_notification: Received<UnknownNotification>): Awaitable<void> {}
}
