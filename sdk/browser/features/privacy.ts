import type { Feature } from '../core'
import { envelope } from '../envelope'
import { isSame } from '../same'
import { type ConsentRecord, readUser, USER, writeUser } from '../user'
import { uuid } from '../uuid'

/** Consent by regulation. `null` removes a record; what is left out stays. */
export interface Consent {
  /** By purpose, case-insensitive. */
  gdpr?: Record<string, boolean | ConsentRecord | null>
  /** `true`: the user opted **out** of the sale of data. */
  ccpa?: boolean | ConsentRecord | null
}

/** Methods of the feature {@link privacy}. */
export interface Privacy {
  /**
   * Sets the user's consent, for later events and all tabs. Events before and after are never in
   * the same batch.
   *
   * @example
   * weir.setConsent({ gdpr: { analytics: true, ads: false }, ccpa: true })
   */
  setConsent(consent: Consent): void
  /**
   * Records that the user opted out. From then on nothing is recorded, in all tabs and on later
   * visits.
   */
  optOut(): void
  /** Ends an opt-out, and records that. */
  optIn(): void
  isOptedOut(): boolean
}

/** Options of {@link privacy}. */
export interface PrivacyOptions {
  /**
   * `true`: in a browser that sends Global Privacy Control or Do Not Track, the client does nothing
   * and stores nothing. Default `false`.
   */
  signals?: boolean
}

// The name in the store; set while the user is opted out.
const OPTED_OUT = 'out'

const hasPrivacySignal = () => Number(navigator.doNotTrack) || navigator.globalPrivacyControl

type ConsentInput = boolean | ConsentRecord | null

/** Applies changes to consent records; `null` removes one. */
const merge = (
  known: Record<string, ConsentRecord> = {},
  changes: Record<string, ConsentInput>
) => {
  const records = { ...known }
  for (const [name, value] of Object.entries(changes)) {
    const purpose = name.toLowerCase()
    const old = records[purpose]
    const record = typeof value === 'boolean' ? { consented: value } : value
    // Consent managers repeat a consent on each page. The repetition keeps the time of the first.
    if (!record) delete records[purpose]
    else if (!isSame(old, { timestamp_unixtime_ms: old?.timestamp_unixtime_ms, ...record }))
      records[purpose] = { timestamp_unixtime_ms: Date.now(), ...record }
  }
  return records
}

/** Consent, opt-out and opt-in. Add it first, before features that record. */
export const privacy =
  ({ signals = false }: PrivacyOptions = {}): Feature<Privacy> =>
  (core) => {
    const { options, store, record, post } = core
    const isOptedOut = () => !!store.get(OPTED_OUT)
    core.hooks.unshift(() => !isOptedOut())
    // A server that renders the page has no navigator: there the client is closed already.
    if (signals && !core.closed.aborted && hasPrivacySignal()) core.close()
    return {
      setConsent: ({ gdpr, ccpa }) => {
        // First, so that the end of an earlier session is recorded with the earlier consent.
        core.beforeUserChange()
        const before = store.get(USER)
        const user = readUser(store)
        const state = { ...user.consent_state }
        if (gdpr) state.gdpr = merge(state.gdpr, gdpr)
        if (ccpa !== undefined) state.ccpa = merge(state.ccpa, { data_sale_opt_out: ccpa })
        user.consent_state = state
        writeUser(store, user)
        // There is no event for consent: a batch without events carries it.
        if (store.get(USER) !== before && !isOptedOut()) post(envelope(options, store, uuid()))
      },
      optOut: () => {
        record('opt_out', { is_opted_out: true })
        store.set(OPTED_OUT, '1')
      },
      optIn: () => {
        if (!isOptedOut()) return
        store.set(OPTED_OUT, '')
        record('opt_out', { is_opted_out: false })
      },
      isOptedOut,
    }
  }
