import { isObject, type Json, type JsonObject, omit } from '../../base/json'
import { attributeChanges, identityChanges } from './changes'
import { impressions, productAction, promotionAction } from './commerce'
import { isFilled, readSwitch, rename, set } from './fields'

/** How an event of a message becomes one or several events of the batch. */
interface Conversion {
  event_type: string
  dataOf: (fields: JsonObject) => JsonObject | JsonObject[]
}

const renamed =
  (names: Record<string, string>) =>
  (fields: JsonObject): JsonObject =>
    rename(fields, names)

/** A switch under the name of its opposite; a value that is no boolean keeps the name. */
const negated = (name: string, opposite: string, value: Json | undefined): JsonObject => {
  const isOn = readSwitch(value)
  return typeof isOn === 'boolean' ? { [opposite]: !isOn } : { [name]: value }
}

const crash = ({ is_crash, breadcrumbs, ...rest }: JsonObject): JsonObject =>
  set({
    ...rest,
    ...negated('is_crash', 'exception_handled', is_crash),
    breadcrumbs: Array.isArray(breadcrumbs) ? breadcrumbs.map(breadcrumb) : breadcrumbs,
  })

const breadcrumb = (label: Json): Json =>
  typeof label === 'string' ? { event_type: 'breadcrumb', data: { label } } : label

const attribution = (fields: JsonObject): JsonObject => {
  const { attributes, publisher_name: publisher, campaign_name: campaign } = fields
  const all =
    attributes === undefined || attributes === null || isObject(attributes)
      ? { ...set({ publisher, campaign }), ...attributes }
      : attributes
  return {
    ...rename(fields, { name: 'event_name' }),
    custom_event_type: 'attribution',
    ...(isFilled(all) ? { attributes: all } : {}),
  }
}

const optOut = ({ is_enabled, ...rest }: JsonObject): JsonObject =>
  set({ ...omit(rest, ['setting']), ...negated('is_enabled', 'is_opted_out', is_enabled) })

const registerByAction: Record<string, boolean> = { subscribe: true, unsubscribe: false }

const pushRegistration = ({ action, ...rest }: JsonObject): JsonObject => {
  const register = typeof action === 'string' ? registerByAction[action] : undefined
  return set({
    ...(register === undefined ? { action } : { register }),
    ...rename(rest, { token: 'registration_token' }),
  })
}

const push =
  (push_message_type: string) =>
  (fields: JsonObject): JsonObject => ({
    push_message_type,
    ...rename(fields, { payload: 'push_notification_payload' }),
  })

const transitions: Record<string, JsonObject> = {
  install: { application_transition_type: 'application_initialized', is_first_run: true },
  upgrade: { application_transition_type: 'application_initialized', is_upgrade: true },
  initialize: { application_transition_type: 'application_initialized' },
  exit: { application_transition_type: 'application_exit' },
  background: { application_transition_type: 'application_background' },
  foreground: { application_transition_type: 'application_foreground' },
}

const transition = ({ application_state: state, ...rest }: JsonObject): JsonObject => {
  const fields = typeof state === 'string' ? transitions[state] : undefined
  return set({ ...(fields ?? { application_state: state }), ...rest })
}

const conversions = new Map<string, Conversion>(
  Object.entries({
    session_start: { event_type: 'session_start', dataOf: renamed({}) },
    session_end: {
      event_type: 'session_end',
      dataOf: renamed({ session_length_ms: 'session_duration_ms' }),
    },
    custom_event: { event_type: 'custom_event', dataOf: renamed({ name: 'event_name' }) },
    screen_view: { event_type: 'screen_view', dataOf: renamed({}) },
    error: { event_type: 'crash_report', dataOf: crash },
    user_attribute_change: { event_type: 'user_attribute_change', dataOf: attributeChanges },
    user_identity_change: { event_type: 'user_identity_change', dataOf: identityChanges },
    push_subscription: { event_type: 'push_registration', dataOf: pushRegistration },
    push_message_receipt: { event_type: 'push_message', dataOf: push('received') },
    push_message_open: { event_type: 'push_message', dataOf: push('action') },
    application_state_transition: {
      event_type: 'application_state_transition',
      dataOf: transition,
    },
    product_action: { event_type: 'commerce_event', dataOf: productAction },
    promotion_action: { event_type: 'commerce_event', dataOf: promotionAction },
    impression: { event_type: 'commerce_event', dataOf: impressions },
    attribution: { event_type: 'custom_event', dataOf: attribution },
  })
)

/** The conversion of an event; undefined: it is kept unchanged. */
export const conversionOf = (type: string, fields: JsonObject): Conversion | undefined =>
  // The only setting that the protocol has; it is the opt_out event of a batch.
  type === 'privacy_setting_change' && fields.setting === 'app_data_collection'
    ? { event_type: 'opt_out', dataOf: optOut }
    : conversions.get(type)
