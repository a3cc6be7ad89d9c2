import type { Core } from './core'
import type { State } from './storage'

/** Attributes of one event. */
export type Attributes = Record<string, string | number | boolean | null>

/** mParticle's identity types, as a batch names them. */
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

/** Identities by type. `null` takes one away, one left out stays. */
export type Identities = Partial<Record<IdentityType, string | null>>

/** What a user agreed to, or not, named as in a batch. */
export interface ConsentRecord {
  consented: boolean
  /** When, ms. Default now. */
  timestamp_unixtime_ms?: number | undefined
  /** Which text was shown. */
  document?: string
  /** Where, such as a page or a form. */
  location?: string
  hardware_id?: string
}

type Fields = Record<string, unknown>
type Consents = Record<string, ConsentRecord>

/** What a batch says of its user. It lies in the store as JSON, for all tabs. */
export interface User {
  /** A removed one stays as `null`, which is how the server learns of it. */
  user_identities?: Fields
  user_attributes?: Fields
  deleted_user_attributes?: string[]
  consent_state?: { gdpr?: Consents; ccpa?: Consents }
}

/** Its name in the store. */
export const USER = 'user'

/** Empty when there is none that can be read. */
export const readUser = (store: State): User => {
  try {
    return JSON.parse(store.get(USER) ?? '{}')
  } catch {
    return {}
  }
}

export const writeUser = (store: State, user: User): void => store.set(USER, JSON.stringify(user))

const side = (identity_type: string, identity: unknown, created_this_batch: boolean) =>
  identity && { identity_type, identity, timestamp_unixtime_ms: Date.now(), created_this_batch }

/** Stores the identities and records each that is another than before. */
export const changeIdentities = ({ store, record }: Core, identities: Identities): void => {
  const before = readUser(store)
  const were = before.user_identities ?? {}
  const main = were.customer_id ? 'customer_id' : 'email'
  // Through JSON, which leaves out what is undefined.
  const given: Fields = JSON.parse(JSON.stringify(identities))
  // What belongs to one person is not another's.
  const isAnother = were[main] && main in given && were[main] !== given[main]
  if (isAnother) for (const type in were) given[type] ??= null
  const user_identities = { ...were, ...given }
  writeUser(store, isAnother ? { user_identities } : { ...before, user_identities })
  for (const [type, identity] of Object.entries(given)) {
    const old = were[type] ?? null
    if (identity !== old)
      record('user_identity_change', {
        new: side(type, identity, true),
        old: side(type, old, false),
      })
  }
}
