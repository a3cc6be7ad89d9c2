import type { UnknownType } from './open'

export interface Consent {
  consented: boolean
  /** The version of the document that was agreed to. */
  document?: string
  timestamp_unixtime_ms?: number
  /** The place where the user decided, as text. */
  location?: string
  hardware_id?: string
}

/** Consents by purpose. CCPA has one purpose, `data_sale_opt_out`. */
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

/** A change of consent. The request's `consent_state` is the state after it. */
export type SystemNotification = GdprConsentStateNotification | CcpaConsentStateNotification

/** A notification of a type that this version does not know, unchanged. */
export interface UnknownNotification {
  type: UnknownType
  [field: string]: unknown
}
