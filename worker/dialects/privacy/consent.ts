import { exactText, isObject, type Json, type JsonObject } from '../../base/json'
import { type Privacy, saleOptOut } from './settings'

/** The consent that an input's events need, and what happens to them without it. */
export interface ConsentGate {
  regulation: 'gdpr' | 'ccpa'
  purpose: string
  otherwise: 'drop' | 'strip'
}

export const gateOf = (privacy: Privacy | undefined): ConsentGate | undefined =>
  privacy?.consent && { ...privacy.consent, purpose: privacy.consent.purpose ?? saleOptOut }

// Purposes are compared case-insensitively.
const recordOf = (records: Json | undefined, purpose: string): Json | undefined =>
  isObject(records)
    ? Object.entries(records).findLast(
        ([name]) => name.toLowerCase() === purpose.toLowerCase()
      )?.[1]
    : undefined

const isConsented = (record: Json | undefined): boolean =>
  isObject(record) && String(exactText(record.consented)).toLowerCase() === 'true'

/**
 * Whether a consent state allows a user's events. GDPR needs consent, CCPA has an opt-out, so a
 * user without a record is refused by GDPR and allowed by CCPA.
 */
export const isAllowed = (
  { regulation, purpose }: Pick<ConsentGate, 'regulation' | 'purpose'>,
  state: Json | undefined
): boolean => {
  const records = isObject(state) ? state[regulation] : undefined
  return isConsented(recordOf(records, purpose)) === (regulation === 'gdpr')
}

/** Whether a consent state has records of a regulation, or its removal. */
export const mentionsRegulation = (
  state: Json | undefined,
  regulation: ConsentGate['regulation']
): boolean => isObject(state) && state[regulation] !== undefined

/**
 * The consent state of a user whose browser sends `Sec-GPC: 1`: opted out of sale, unless the state
 * has a record of that already. The added record has no time, so that it is equal each time.
 */
export const withOptOut = (state: Json | undefined): Json => {
  const known = isObject(state) ? state : {}
  if (state !== undefined && isObject(recordOf(known.ccpa, saleOptOut))) return state
  const record: JsonObject = { consented: true, document: 'Sec-GPC' }
  const ccpa = isObject(known.ccpa) ? known.ccpa : {}
  return { ...known, ccpa: { ...ccpa, [saleOptOut]: record } }
}
