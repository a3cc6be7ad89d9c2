import { type Profile, profileSchema } from '../../admin/answers/profiles'
import { isObject, type Json, type JsonObject, parseJson, stringifyJson } from '../../base/json'
import { type AdminAnswer, parseAnswer } from '../api'

/** A profile with its maps as lists of texts, as its page shows them. */
export interface ProfileFacts extends Omit<Profile, 'attributes' | 'identities' | 'consent'> {
  attributes: [name: string, value: string][]
  identities: { type: string; identity: string; ms: number }[]
  consent: ConsentFact[]
}

export interface ConsentFact {
  regulation: string
  purpose: string
  consented: boolean
  ms: number | undefined
}

/** A value as people read it: text without quotes, numbers with all their digits. */
export const shownValue = (value: Json): string => {
  const text = stringifyJson(value)
  return typeof value === 'string' && text.startsWith('"') ? value : text
}

const isConsent = (value: Json | undefined): value is JsonObject =>
  isObject(value) && 'consented' in value

const consentFact = (regulation: string, purpose: string, consent: JsonObject): ConsentFact => {
  const { consented, timestamp_unixtime_ms: ms } = consent
  return {
    regulation,
    purpose,
    consented: consented === true,
    ms: typeof ms === 'number' ? ms : undefined,
  }
}

// A regulation has purposes; CCPA has one, which goes by a name as well.
const consentFacts = (consent: Profile['consent']): ConsentFact[] =>
  Object.entries(consent).flatMap(([regulation, purposes]) =>
    Object.entries(isObject(purposes) ? purposes : {}).flatMap(([purpose, value]) =>
      isConsent(value) ? [consentFact(regulation, purpose, value)] : []
    )
  )

/** Reads the answer of `GET /admin/v1/profiles/:mpid` with its exact numbers. */
export const readProfile = ({ text }: AdminAnswer): ProfileFacts => {
  const profile = parseAnswer(profileSchema, { body: parseJson(text) })
  const { attributes, identities, consent } = profile
  return {
    ...profile,
    attributes: Object.entries(attributes).map(([name, value]) => [name, shownValue(value)]),
    identities: Object.entries(identities).map(([type, identity]) => ({ type, ...identity })),
    consent: consentFacts(consent),
  }
}
