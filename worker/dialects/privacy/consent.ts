import { exactText, isObject, type Json, type JsonObject } from '../../base/json'
import { type Privacy, saleOptOut } from './settings'

/** For what purpose events need consent, and what becomes of them without it. */
export interface ConsentGate {
  regulation: 'gdpr' | 'ccpa'
  purpose: string
  otherwise: 'drop' | 'strip'
}

export const gateOf = (privacy: Privacy | undefined): ConsentGate | undefined =>
  privacy?.consent && { ...privacy.consent, purpose: privacy.consent.purpose ?? saleOptOut }

// Purposes are compared without regard to case.
const recordOf = (records: Json | undefined, purpose: string): Json | undefined =>
  isObject(records)
    ? Object.entries(records).findLast(
        ([name]) => name.toLowerCase() === purpose.toLowerCase()
      )?.[1]
    : undefined

const isConsented = (record: Json | undefined): boolean =>
  isObject(record) && String(exactText(record.consented)).toLowerCase() === 'true'

/**
 * Whether a state of consents lets events in: GDPR asks for consent, and CCPA knows an opt-out. So
 * who said nothing is out by the one, and in by the other.
 */
export const isAllowed = (
  { regulation, purpose }: Pick<ConsentGate, 'regulation' | 'purpose'>,
  state: Json | undefined
): boolean => {
  const records = isObject(state) ? state[regulation] : undefined
  return isConsented(recordOf(records, purpose)) === (regulation === 'gdpr')
}

/** Whether a state of consents tells anything of a regulation. */
export const isTold = (state: Json | undefined, regulation: ConsentGate['regulation']): boolean =>
  isObject(state) && state[regulation] !== undefined

/**
 * The state of consents of somebody whose browser sends `Sec-GPC: 1`: opted out of sale, unless the
 * state itself says something of it. The record has no time, so that it is the same each time.
 *
 * @returns the same object when it does
 */
export const withOptOut = (state: Json | undefined): Json => {
  const known = isObject(state) ? state : {}
  if (state !== undefined && isObject(recordOf(known.ccpa, saleOptOut))) return state
  const record: JsonObject = { consented: true, document: 'Sec-GPC' }
  const ccpa = isObject(known.ccpa) ? known.ccpa : {}
  return { ...known, ccpa: { ...ccpa, [saleOptOut]: record } }
}
