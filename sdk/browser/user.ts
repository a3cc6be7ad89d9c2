import type { Store } from './storage'

/** Attributes of one event. */
export type Attributes = Record<string, string | number | boolean | null>

/** Attributes of the user. `null` is a tag: an attribute without a value. */
export type UserAttributes = Record<string, string | number | boolean | null | string[]>

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

/** One entry that became another value. */
export interface Change {
  name: string
  value: unknown
  /** `undefined` when there was none. */
  old: unknown
}

/** Names in the store; all tabs share what lies there. */
export const IDENTITIES = 'identities'
export const ATTRIBUTES = 'attributes'

/** The stored map of that name, empty when there is none that can be read. */
export const readMap = (store: Store, name: string): Record<string, unknown> => {
  try {
    const map: unknown = JSON.parse(store.get(name) ?? '{}')
    return typeof map === 'object' && map ? { ...map } : {}
  } catch {
    return {}
  }
}

/** Merges into the stored map. @returns what differs, compared by value, from before */
const merge = (store: Store, name: string, entries: object, absent: unknown): Change[] => {
  const map = readMap(store, name)
  const changes: Change[] = []
  for (const [name, value] of Object.entries(entries)) {
    const old = Object.hasOwn(map, name) ? map[name] : absent
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(old)) {
      changes.push({ name, value, old })
      map[name] = value
    }
  }
  if (changes.length) store.set(name, JSON.stringify(map))
  return changes
}

/** A removed identity stays in the map as `null`, which is how the server learns of it. */
export const mergeIdentities = (store: Store, identities: Identities): Change[] =>
  merge(store, IDENTITIES, identities, null)

export const mergeAttributes = (store: Store, attributes: UserAttributes): Change[] =>
  merge(store, ATTRIBUTES, attributes, undefined)
