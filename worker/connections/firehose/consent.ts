import type { NotificationType } from '../../../sdk/firehose/names'
import { isObject, type Json, type JsonObject } from '../../base/json'
import { booleanOf, type Field, int64Of, objectOf, readFields, textOf } from './values'

const recordFields: Field[] = [
  ['document', 'document', textOf],
  ['timestamp_unixtime_ms', 'timestamp_unixtime_ms', int64Of],
  ['location', 'location', textOf],
  ['hardware_id', 'hardware_id', textOf],
]

const record = (value: Json | undefined): JsonObject | undefined =>
  isObject(value)
    ? { consented: booleanOf(value.consented) ?? false, ...readFields(value, recordFields) }
    : undefined

// The protocol has only this purpose for CCPA.
const salePurpose = 'data_sale_opt_out'

type Regulation = 'gdpr' | 'ccpa'

const purposeOf = (regulation: Regulation, value: Json | undefined): string | undefined => {
  const purpose = textOf(value)
  if (regulation === 'gdpr') return purpose
  return (purpose ?? salePurpose).toLowerCase() === salePurpose ? salePurpose : undefined
}

const records = (regulation: Regulation, value: Json | undefined): JsonObject | undefined => {
  const entries = Object.entries(objectOf(value)).flatMap(([name, entry]) => {
    const purpose = purposeOf(regulation, name)
    const consent = record(entry)
    return purpose && consent ? [[purpose, consent]] : []
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** The consents of a user; undefined when there are none. */
export const consentState = (value: Json | undefined): JsonObject | undefined => {
  const consents = objectOf(value)
  const gdpr = records('gdpr', consents.gdpr)
  const ccpa = records('ccpa', consents.ccpa)
  return gdpr || ccpa ? { gdpr_consent_state: gdpr, ccpa_consent_state: ccpa } : undefined
}

const regulationOf = (type: Json | undefined, change: JsonObject): Regulation | undefined => {
  const label =
    textOf(objectOf(change.current).regulation) ?? textOf(objectOf(change.old).regulation)
  const name = label?.toLowerCase() ?? textOf(type)?.replace(/_change$/, '')
  return name === 'gdpr' || name === 'ccpa' ? name : undefined
}

const convertNotification = (value: Json): (JsonObject & { type: NotificationType })[] => {
  if (!isObject(value)) return []
  const change = objectOf(value.data)
  const regulation = regulationOf(value.type, change)
  const purpose = regulation && purposeOf(regulation, change.purpose)
  if (!regulation || purpose === undefined) return []
  const type: NotificationType = `${regulation}_consent_state`
  return [
    { type, purpose, [`old_${type}`]: record(change.old), [`new_${type}`]: record(change.current) },
  ]
}

/** Changes of consent, of the kinds that the integration registered for. */
export const systemNotifications = (
  notifications: Json[],
  supported: readonly NotificationType[] = []
): JsonObject[] =>
  notifications.flatMap(convertNotification).filter(({ type }) => supported.includes(type))
