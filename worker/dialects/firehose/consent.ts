import { isObject, type Json, type JsonObject } from '../../base/json'
import { rename, set } from './fields'

/** The state of consents as the batch has it. */
export const readConsent = (state: Json | undefined): Json | undefined =>
  isObject(state)
    ? rename(state, { gdpr_consent_state: 'gdpr', ccpa_consent_state: 'ccpa' })
    : state

const regulations = ['gdpr', 'ccpa'] as const

const readNotification = (notification: JsonObject): JsonObject => {
  const name = regulations.find((one) => notification.type === `${one}_consent_state`)
  if (!name) return notification
  const old = `old_${name}_consent_state`
  const current = `new_${name}_consent_state`
  const { type: _, [old]: before, [current]: after, purpose, ...rest } = notification
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

/** The changes of consents that a message tells, as the batch has them. */
export const readNotifications = (list: Json | undefined): JsonObject[] =>
  Array.isArray(list) ? list.filter(isObject).map((one) => set(readNotification(one))) : []
