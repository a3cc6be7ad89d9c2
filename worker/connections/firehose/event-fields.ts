import { customEventTypes, type EventType } from '../../../sdk/firehose/names'
import type { Permissions } from '../../../sdk/firehose/registration'
import { isObject, type Json, type JsonObject, own } from '../../base/json'
import { identityType } from '../../batch'
import { convertImpression, convertProductAction, convertPromotionAction } from './commerce'
import { readHashes, type SentIdentity, userIdentities } from './identities'
import { anyText, booleanOf, int64Of, nonEmpty, objectOf, textOf, wordOf } from './values'

/** Facts, besides the event itself, that its conversion needs. */
export interface EventFacts {
  permissions: Permissions
  /** The module's name, the prefix of the custom flags that are sent to it. */
  module: string
  /** The partner that sent the batch or that the user is attributed to. */
  partner: string | undefined
}

/** Converts the fields of one event type; undefined when a required one is missing. */
type ConvertFields = (data: JsonObject, facts: EventFacts) => JsonObject | undefined

/** A required field with others; undefined when it is empty. */
const withRequired = (name: string, value: string | undefined, others: JsonObject = {}) =>
  value === undefined ? undefined : { [name]: value, ...others }

const customEvent: ConvertFields = (data) =>
  withRequired('name', textOf(data.event_name), {
    custom_event_type: wordOf(customEventTypes)(data.custom_event_type) ?? 'unknown',
  })

const attribution: ConvertFields = (data, { partner }) => {
  const { publisher, campaign } = objectOf(data.custom_attributes)
  return {
    name: textOf(data.event_name),
    // Set where the input is a Firehose feed.
    partner_name: textOf(data.partner_name) ?? partner,
    publisher_name: textOf(publisher),
    campaign_name: textOf(campaign),
  }
}

const labelOf = (breadcrumb: Json): string[] => {
  const fields = objectOf(breadcrumb)
  const text = textOf(objectOf(fields.data).label) ?? textOf(fields.label) ?? textOf(breadcrumb)
  return text === undefined ? [] : [text]
}

const error: ConvertFields = (data) => {
  const handled = booleanOf(data.exception_handled)
  const { breadcrumbs } = data
  return {
    message: textOf(data.message),
    is_crash: handled === undefined ? data.severity === 'fatal' : !handled,
    stack_trace: textOf(data.stack_trace),
    breadcrumbs: Array.isArray(breadcrumbs) ? nonEmpty(breadcrumbs.flatMap(labelOf)) : undefined,
  }
}

const privacyChange: ConvertFields = (data) => {
  const optedOut = booleanOf(data.is_opted_out)
  return optedOut === undefined
    ? undefined
    : { setting: 'app_data_collection', is_enabled: !optedOut }
}

const attributeValue = (value: Json | undefined): string | null =>
  value === null || value === undefined ? null : anyText(value)

const attributeChange: ConvertFields = (data) => {
  const name = textOf(data.user_attribute_name)
  const old = attributeValue(data.old)
  const isDeleted = booleanOf(data.deleted) ?? false
  // A tag has no value, so its deletion has nothing to report.
  if (name === undefined || (isDeleted && old === null)) return undefined
  return {
    added: isDeleted ? undefined : Object.fromEntries([[name, attributeValue(data.new)]]),
    removed: old === null ? undefined : Object.fromEntries([[name, old]]),
  }
}

const changedIdentity = (
  value: Json | undefined,
  permissions: Permissions
): SentIdentity[] | undefined => {
  if (!isObject(value) || typeof value.identity_type !== 'string') return undefined
  const type = identityType(value.identity_type)
  const identities = Object.fromEntries([[type, value.identity]])
  return nonEmpty(userIdentities(identities, permissions, readHashes([{ ...value, type }])))
}

const identityChange: ConvertFields = (data, { permissions }) => {
  const added = changedIdentity(data.new, permissions)
  const removed = changedIdentity(data.old, permissions)
  return added || removed ? { added, removed } : undefined
}

const pushSubscription: ConvertFields = (data) => {
  const register = booleanOf(data.register)
  if (register === undefined) return undefined
  const action = register ? 'subscribe' : 'unsubscribe'
  return withRequired('token', textOf(data.registration_token), { action })
}

const pushPayload: ConvertFields = ({ push_notification_payload: payload }) =>
  withRequired('payload', isObject(payload) ? anyText(payload) : textOf(payload))

const states: Record<string, string> = {
  application_exit: 'exit',
  application_background: 'background',
  application_foreground: 'foreground',
}

const applicationState = (data: JsonObject): string | undefined => {
  const transition = textOf(data.application_transition_type) ?? ''
  if (transition !== 'application_initialized') return own(states, transition)
  if (booleanOf(data.is_first_run)) return 'install'
  return booleanOf(data.is_upgrade) ? 'upgrade' : 'initialize'
}

export const convertFields: Record<EventType, ConvertFields> = {
  session_start: () => ({}),
  session_end: (data) => ({ session_length_ms: int64Of(data.session_duration_ms) }),
  custom_event: customEvent,
  screen_view: (data) => withRequired('screen_name', textOf(data.screen_name)),
  error,
  privacy_setting_change: privacyChange,
  user_attribute_change: attributeChange,
  user_identity_change: identityChange,
  push_subscription: pushSubscription,
  application_state_transition: (data) =>
    withRequired('application_state', applicationState(data), {
      launch_referral: textOf(data.launch_referral),
      referral_application: textOf(data.referral_application),
      launch_parameters: textOf(data.launch_parameters),
      source_package: textOf(data.source_package),
    }),
  push_message_receipt: pushPayload,
  push_message_open: pushPayload,
  product_action: convertProductAction,
  promotion_action: convertPromotionAction,
  impression: convertImpression,
  attribution,
}
