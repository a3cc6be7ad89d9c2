import type { Feature } from '../core'
import { envelope } from '../envelope'
import { isSame } from '../same'
import { type ConsentRecord, readUser, USER, writeUser } from '../user'
import { uuid } from '../uuid'

/** Consent by regulation. What is left out stays, `null` takes away. */
export interface Consent {
  /** By purpose, in any case. */
  gdpr?: Record<string, boolean | ConsentRecord | null>
  /** `true`: the user opted **out** of the sale of data. */
  ccpa?: boolean | ConsentRecord | null
}

/** Methods of the feature {@link privacy}. */
export interface Privacy {
  /**
   * Says what the user consented to, from here on and in all tabs. Events before and after never
   * share a batch.
   *
   * @example
   * weir.setConsent({ gdpr: { analytics: true, ads: false }, ccpa: true })
   */
  setConsent(consent: Consent): void
  /** Records that the user opted out, and then nothing any more, in all tabs and on later visits. */
  optOut(): void
  /** Records again, beginning with the fact that the user opted back in. */
  optIn(): void
  isOptedOut(): boolean
}

/** What {@link privacy} obeys. */
export interface PrivacyOptions {
  /**
   * `true` makes the client do nothing at all, nor store anything, in a browser that sends Global
   * Privacy Control or Do Not Track. Default `false`.
   */
  signals?: boolean
}

// In the store while the user is opted out.
const OPTED_OUT = 'out'

const isAskedForPrivacy = () => Number(navigator.doNotTrack) || navigator.globalPrivacyControl

type Given = boolean | ConsentRecord | null

/** The records with those that are given: `null` takes one away. */
const merge = (known: Record<string, ConsentRecord> = {}, given: Record<string, Given>) => {
  const records = { ...known }
  for (const [name, value] of Object.entries(given)) {
    const purpose = name.toLowerCase()
    const old = records[purpose]
    const record = typeof value === 'boolean' ? { consented: value } : value
    // Consent managers repeat on each page what was said once: that is the same consent.
    if (!record) delete records[purpose]
    else if (!isSame(old, { timestamp_unixtime_ms: old?.timestamp_unixtime_ms, ...record }))
      records[purpose] = { timestamp_unixtime_ms: Date.now(), ...record }
  }
  return records
}

/** Consent, opt-out and opt-in. To be used first, before anything records. */
export const privacy =
  ({ signals = false }: PrivacyOptions = {}): Feature<Privacy> =>
  (core) => {
    const { options, store, record, post } = core
    const isOptedOut = () => !!store.get(OPTED_OUT)
    core.hooks.unshift(() => !isOptedOut())
    // On a server that renders the page there is nobody to ask.
    if (signals && !core.closed.aborted && isAskedForPrivacy()) core.close()
    return {
      setConsent: ({ gdpr, ccpa }) => {
        // First, since the end of an earlier session falls under the earlier consent.
        core.beforeUserChange()
        const before = store.get(USER)
        const user = readUser(store)
        const state = { ...user.consent_state }
        if (gdpr) state.gdpr = merge(state.gdpr, gdpr)
        if (ccpa !== undefined) state.ccpa = merge(state.ccpa, { data_sale_opt_out: ccpa })
        user.consent_state = state
        writeUser(store, user)
        // No event tells of consent: a batch without any does.
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
