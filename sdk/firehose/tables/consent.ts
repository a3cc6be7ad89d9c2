import type {
  CcpaConsentStateNotification,
  Consent,
  ConsentState,
  GdprConsentStateNotification,
  SystemNotification,
  UnknownNotification,
} from '../consent'
import { map, object, required, variants } from './field'
import { filled, flag, int64, known, raw, text } from './scalars'

const consent = object<Consent>({
  consented: required(flag, () => false),
  document: text,
  timestamp_unixtime_ms: int64,
  location: text,
  hardware_id: text,
})

export const consentState = object<ConsentState>({
  gdpr_consent_state: map(consent),
  ccpa_consent_state: map(consent),
})

export const systemNotification = variants<SystemNotification, UnknownNotification>(
  {
    gdpr_consent_state: object<GdprConsentStateNotification>({
      type: required(known(['gdpr_consent_state'])),
      purpose: required(text, () => ''),
      old_gdpr_consent_state: consent,
      new_gdpr_consent_state: consent,
    }),
    ccpa_consent_state: object<CcpaConsentStateNotification>({
      type: required(known(['ccpa_consent_state'])),
      purpose: required(filled, () => 'data_sale_opt_out'),
      old_ccpa_consent_state: consent,
      new_ccpa_consent_state: consent,
    }),
  },
  raw
)
