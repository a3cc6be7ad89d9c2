import type { AudienceState } from '../audiences/membership'
import { isObject, type Json, type JsonObject, parseJson, stringifyJson } from '../base/json'
import { readIdentities } from '../batch'

/** What is known of one mpid. */
export interface ProfileState {
  attributes: JsonObject
  /** By type, with the time at which it was last set to this value, ms. */
  identities: Record<string, { identity: string; ms: number }>
  consent: JsonObject
  /** By which identities the directory knows the profile, as their hashes. */
  links?: string[]
  /** What audiences need, where there are any. */
  audiences?: AudienceState
}

export const emptyState = (): ProfileState => ({ attributes: {}, identities: {}, consent: {} })

// A row of SQLite takes 2 MB, and a character up to 3 bytes of it.
const stateChars = 400_000

export interface Folded {
  state: ProfileState
  changed: boolean
  /** One entry per consent that changed, for the batch's system_notifications. */
  notifications: Json[]
}

/** Folds the fields of `aboutText` into a profile. */
export const fold = (state: ProfileState, about: string, receivedMs: number): Folded => {
  const given = parseJson(about)
  if (!isObject(given)) return { state, changed: false, notifications: [] }
  const consent = foldConsent(state.consent, given.consent_state)
  const next: ProfileState = {
    ...state,
    attributes: foldAttributes(state.attributes, given),
    identities: foldIdentities(state.identities, given.user_identities, receivedMs),
    consent: consent.state,
  }
  const text = stringifyJson(next)
  const { notifications } = consent
  // The events matter more than a profile that somebody fills up, and go on as they are.
  if (text.length > stateChars) return { state, changed: false, notifications }
  return { state: next, changed: text !== stringifyJson(state), notifications }
}

const foldAttributes = (known: JsonObject, given: JsonObject): JsonObject => {
  const deleted = Array.isArray(given.deleted_user_attributes) ? given.deleted_user_attributes : []
  const isDeleted = new Set(deleted)
  const kept = Object.entries(known).filter(([name]) => !isDeleted.has(name))
  const set = isObject(given.user_attributes) ? given.user_attributes : {}
  return { ...Object.fromEntries(kept), ...set }
}

const foldIdentities = (
  known: ProfileState['identities'],
  given: Json | undefined,
  receivedMs: number
): ProfileState['identities'] => {
  const next = { ...known }
  for (const [type, identity] of Object.entries(readIdentities(given))) {
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

// The name of a CCPA change is not documented; it follows that of GDPR.
const regulations: Regulation[] = [
  { name: 'gdpr', type: 'gdpr_change', label: 'GDPR' },
  { name: 'ccpa', type: 'ccpa_change', label: 'CCPA' },
]

// SDKs lower-case the purposes, and purposes are compared without regard to case.
const byPurpose = (value: Json | undefined): JsonObject =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, record]) => isObject(record))
          .map(([purpose, record]) => [purpose.toLowerCase(), record])
      )
    : {}

const foldConsent = (known: JsonObject, given: Json | undefined) => {
  const state = { ...known }
  const notifications: Json[] = []
  if (!isObject(given)) return { state, notifications }
  for (const regulation of regulations) {
    if (given[regulation.name] === undefined) continue
    const before = byPurpose(known[regulation.name])
    const after = byPurpose(given[regulation.name])
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
 * The consents that changed: as an upload's sender tells it, and as its profile sees it where the
 * sender tells nothing. A sender that knew the user before knows better what was.
 *
 * @param told JSON text of a list
 */
export const allNotifications = (told: string | undefined, seen: Json[] = []): Json[] => {
  const given = told === undefined ? [] : parseJson(told)
  if (!Array.isArray(given)) return seen
  const known = new Set(given.map(changeKey))
  return [...given, ...seen.filter((one) => !known.has(changeKey(one)))]
}

// Two records are the same whatever the order of their fields.
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
