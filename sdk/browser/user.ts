import type { Core } from './core'
import type { State } from './storage'

/** Attributes of one event. */
export type Attributes = Record<string, string | number | boolean | null>

/** mParticle's identity types, by their names in batches. */
export type IdentityType =
  | 'customer_id'
  | 'email'
  | 'other'
  | `other_id_${2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`
  | 'mobile_number'
  | 'phone_number_2'
  | 'phone_number_3'
  | 'facebook'
  | 'facebook_custom_audience_id'
  | 'twitter'
  | 'google'
  | 'microsoft'
  | 'yahoo'
  | 'alias'

/** Identities by type. `null` removes one; those that are left out stay. */
export type Identities = Partial<Record<IdentityType, string | null>>

/** A user's consent, or refusal, with the field names of batches. */
export interface ConsentRecord {
  consented: boolean
  /** Time of the decision, ms. Default now. */
  timestamp_unixtime_ms?: number | undefined
  /** The text that was shown. */
  document?: string
  /** The place of the decision, such as a page or a form. */
  location?: string
  hardware_id?: string
}

type Fields = Record<string, unknown>
type Consents = Record<string, ConsentRecord>

/** The fields of a batch about its user. Stored as JSON, for all tabs. */
export interface User {
  /** A removed identity stays as `null`, which tells the server to remove it. */
  user_identities?: Fields
  user_attributes?: Fields
  deleted_user_attributes?: string[]
  consent_state?: { gdpr?: Consents; ccpa?: Consents }
}

/** The user's name in the store. */
export const USER = 'user'

/** Empty when there is no stored user, or it cannot be parsed. */
export const readUser = (store: State): User => {
  try {
    return JSON.parse(store.get(USER) ?? '{}')
  } catch {
    return {}
  }
}

export const writeUser = (store: State, user: User): void => store.set(USER, JSON.stringify(user))

const changeSide = (identity_type: string, identity: unknown, created_this_batch: boolean) =>
  identity && { identity_type, identity, timestamp_unixtime_ms: Date.now(), created_this_batch }

/** Stores the identities, and records each change. */
export const changeIdentities = ({ store, record }: Core, identities: Identities): void => {
  const before = readUser(store)
  const oldIdentities = before.user_identities ?? {}
  const main = oldIdentities.customer_id ? 'customer_id' : 'email'
  // JSON leaves out undefined values.
  const changes: Fields = JSON.parse(JSON.stringify(identities))
  // Another user has none of this user's identities, attributes or consent.
  const isOtherUser =
    oldIdentities[main] && main in changes && oldIdentities[main] !== changes[main]
  if (isOtherUser) for (const type in oldIdentities) changes[type] ??= null
  const user_identities = { ...oldIdentities, ...changes }
  writeUser(store, isOtherUser ? { user_identities } : { ...before, user_identities })
  for (const [type, identity] of Object.entries(changes)) {
    const old = oldIdentities[type] ?? null
    if (identity !== old)
      record('user_identity_change', {
        new: changeSide(type, identity, true),
        old: changeSide(type, old, false),
      })
  }
}
