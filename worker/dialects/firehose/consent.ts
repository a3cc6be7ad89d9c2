import { isObject, type Json, type JsonObject, omit } from '../../base/json'
import { rename, set } from './fields'

/** The `consent_state` of the batch. */
export const readConsent = (state: Json | undefined): Json | undefined =>
  isObject(state)
    ? rename(state, { gdpr_consent_state: 'gdpr', ccpa_consent_state: 'ccpa' })
    : state

const regulations = ['gdpr', 'ccpa'] as const

const readNotification = (notification: JsonObject): JsonObject => {
  const name = regulations.find((prefix) => notification.type === `${prefix}_consent_state`)
  if (!name) return notification
  const old = `old_${name}_consent_state`
  const current = `new_${name}_consent_state`
  const { [old]: before, [current]: after, purpose, ...rest } = omit(notification, ['type'])
  const regulation = name.toUpperCase()
  const record = (state: Json | undefined): Json =>
    isObject(state) ? { ...state, regulation } : null
  return {
    type: `${name}_change`,
    data: {
      ...rest,
      purpose: purpose ?? (name === 'ccpa' ? 'data_sale_opt_out' : null),
      current: record(after),
      old: record(before),
    },
  }
}

/** The consent changes in a message's `system_notifications`, as the batch has them. */
export const readNotifications = (list: Json | undefined): JsonObject[] =>
  Array.isArray(list)
    ? list.filter(isObject).map((notification) => set(readNotification(notification)))
    : []
