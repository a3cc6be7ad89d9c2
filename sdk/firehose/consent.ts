import type { UnknownType } from './open'

export interface Consent {
  consented: boolean
  /** The version of the document that was agreed to. */
  document?: string
  timestamp_unixtime_ms?: number
  /** Where it was given, in words. */
  location?: string
  hardware_id?: string
}

/** By purpose. CCPA knows one purpose, `data_sale_opt_out`. */
export interface ConsentState {
  gdpr_consent_state?: Record<string, Consent>
  ccpa_consent_state?: Record<string, Consent>
}

export interface GdprConsentStateNotification {
  type: 'gdpr_consent_state'
  purpose: string
  old_gdpr_consent_state?: Consent
  new_gdpr_consent_state?: Consent
}

export interface CcpaConsentStateNotification {
  type: 'ccpa_consent_state'
  purpose: string
  old_ccpa_consent_state?: Consent
  new_ccpa_consent_state?: Consent
}

/** A change; `consent_state` of the request is what came of it. */
export type SystemNotification = GdprConsentStateNotification | CcpaConsentStateNotification

/** As it came. */
export interface UnknownNotification {
  type: UnknownType
  [field: string]: unknown
}
