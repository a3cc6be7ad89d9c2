import type { EventType } from '../../../sdk/firehose/names'
import { isObject, type JsonObject, own } from '../../base/json'
import type { OutboundEvent } from '../outbound'

const typeOf: Record<string, EventType> = {
  session_start: 'session_start',
  session_end: 'session_end',
  screen_view: 'screen_view',
  crash_report: 'error',
  opt_out: 'privacy_setting_change',
  push_registration: 'push_subscription',
  push_reaction: 'push_message_open',
  application_state_transition: 'application_state_transition',
  user_attribute_change: 'user_attribute_change',
  user_identity_change: 'user_identity_change',
}

const pushTypes: Record<string, EventType> = {
  received: 'push_message_receipt',
  action: 'push_message_open',
}

const commerceType = (data: JsonObject): EventType | undefined => {
  if (isObject(data.product_action)) return 'product_action'
  if (isObject(data.promotion_action)) return 'promotion_action'
  return Array.isArray(data.product_impressions) ? 'impression' : undefined
}

/** The protocol's type of an event; undefined when it has none. */
export const firehoseType = ({
  event_type,
  data,
}: OutboundEvent['event']): EventType | undefined => {
  switch (event_type) {
    case 'custom_event':
      return data.custom_event_type === 'attribution' ? 'attribution' : 'custom_event'
    case 'commerce_event':
      return commerceType(data)
    case 'push_message':
      return typeof data.push_message_type === 'string'
        ? own(pushTypes, data.push_message_type)
        : undefined
    default:
      return own(typeOf, event_type)
  }
}
