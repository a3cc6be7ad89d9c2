import type { AudienceState } from '../audiences/membership'
import { isObject, type Json, type JsonObject, parseJson, stringifyJson } from '../base/json'
import { readIdentities } from '../batch'

/**
 * What a profile stores of its user: everything that is known of one mpid (mParticle's id of a
 * user).
 */
export interface ProfileState {
  attributes: JsonObject
  /** By type, with the time at which the identity was last set to this value, ms. */
  identities: Record<string, { identity: string; ms: number }>
  consent: JsonObject
  /** Hashes of the identities under which the directory lists the profile. */
  links?: string[]
  /** Absent as long as the workspace has no audiences. */
  audiences?: AudienceState
}

export const emptyState = (): ProfileState => ({ attributes: {}, identities: {}, consent: {} })

// A row of SQLite holds 2 MB, and a character takes up to 3 bytes.
const stateChars = 400_000

export interface Folded {
  state: ProfileState
  changed: boolean
  /** One entry per consent that changed, for the batch's system_notifications. */
  notifications: Json[]
}

/** Applies the changes of an upload, as `profileChangesText` writes them, to a profile. */
export const fold = (state: ProfileState, changesText: string, receivedMs: number): Folded => {
  const changes = parseJson(changesText)
  if (!isObject(changes)) return { state, changed: false, notifications: [] }
  const consent = foldConsent(state.consent, changes.consent_state)
  const next: ProfileState = {
    ...state,
    attributes: foldAttributes(state.attributes, changes),
    identities: foldIdentities(state.identities, changes.user_identities, receivedMs),
    consent: consent.state,
  }
  const text = stringifyJson(next)
  const { notifications } = consent
  // A profile that is too large keeps its old state, and the events are forwarded anyway.
  if (text.length > stateChars) return { state, changed: false, notifications }
  return { state: next, changed: text !== stringifyJson(state), notifications }
}

const foldAttributes = (known: JsonObject, changes: JsonObject): JsonObject => {
  const { deleted_user_attributes: names, user_attributes: changed } = changes
  const deleted = new Set(Array.isArray(names) ? names : [])
  const remaining = Object.entries(known).filter(([name]) => !deleted.has(name))
  return { ...Object.fromEntries(remaining), ...(isObject(changed) ? changed : {}) }
}

const foldIdentities = (
  known: ProfileState['identities'],
  changes: Json | undefined,
  receivedMs: number
): ProfileState['identities'] => {
  const next = { ...known }
  for (const [type, identity] of Object.entries(readIdentities(changes))) {
    if (identity === null) delete next[type]
    else if (next[type]?.identity !== identity) next[type] = { identity, ms: receivedMs }
  }
  return next
}

interface Regulation {
  name: 'gdpr' | 'ccpa'
  type: string
  label: string
}

// mParticle documents no type of CCPA changes; this one follows that of GDPR.
const regulations: Regulation[] = [
  { name: 'gdpr', type: 'gdpr_change', label: 'GDPR' },
  { name: 'ccpa', type: 'ccpa_change', label: 'CCPA' },
]

// Purposes are case-insensitive, and SDKs send them in lower case.
const byPurpose = (value: Json | undefined): JsonObject =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, record]) => isObject(record))
          .map(([purpose, record]) => [purpose.toLowerCase(), record])
      )
    : {}

const foldConsent = (known: JsonObject, changes: Json | undefined) => {
  const state = { ...known }
  const notifications: Json[] = []
  if (!isObject(changes)) return { state, notifications }
  for (const regulation of regulations) {
    if (changes[regulation.name] === undefined) continue
    const before = byPurpose(known[regulation.name])
    const after = byPurpose(changes[regulation.name])
    notifications.push(...consentChanges(regulation, before, after))
    if (Object.keys(after).length > 0) state[regulation.name] = after
    else delete state[regulation.name]
  }
  return { state, notifications }
}

const changeKey = (notification: Json): string => {
  const { type, data } = isObject(notification) ? notification : {}
  const purpose = isObject(data) && typeof data.purpose === 'string' ? data.purpose : ''
  return `${typeof type === 'string' ? type : ''} ${purpose.toLowerCase()}`
}

/**
 * Merges the consent changes that an upload's sender reports with those that the profile derived.
 * Of the same purpose the sender's wins, since it may know the user longer.
 *
 * @param reported JSON text of a list
 */
export const allNotifications = (reported: string | undefined, derived: Json[] = []): Json[] => {
  const notifications = reported === undefined ? [] : parseJson(reported)
  if (!Array.isArray(notifications)) return derived
  const keys = new Set(notifications.map(changeKey))
  return [...notifications, ...derived.filter((change) => !keys.has(changeKey(change)))]
}

// Sorted, because records with another order of fields are equal.
const recordText = (value: Json | undefined): string =>
  stringifyJson(isObject(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : null)

const consentChanges = (regulation: Regulation, before: JsonObject, after: JsonObject): Json[] => {
  const record = (value: Json | undefined): Json =>
    isObject(value) ? { ...value, regulation: regulation.label } : null
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((purpose) => recordText(before[purpose]) !== recordText(after[purpose]))
    .map((purpose) => ({
      type: regulation.type,
      data: { purpose, current: record(after[purpose]), old: record(before[purpose]) },
    }))
}
