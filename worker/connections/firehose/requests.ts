import { firehoseVersion, type SubscriptionAction } from '../../../sdk/firehose/names'
import { isObject, type Json, type JsonObject, parseJson, stringifyJson } from '../../base/json'
import { nonEmpty } from './values'

/** The account of a request: the values of the integration's settings. */
export interface RequestAccount {
  account_id: number
  /** Secrets included: never store or log a request that has them. */
  account_settings: Record<string, string | null>
}

interface Envelope {
  /** A UUID. */
  id: string
  timestamp_ms: number
}

const request = (type: string, { id, timestamp_ms }: Envelope, fields: JsonObject = {}): string =>
  stringifyJson({ type, id, timestamp_ms, firehose_version: firehoseVersion, ...fields })

/** Adds the account to the text of a request. */
export const withAccount = (text: string, account: RequestAccount): string =>
  `{"account":${stringifyJson(account)},${text.slice(1)}`

export const registrationRequest = (id: string, nowMs: number): string =>
  request('module_registration_request', { id, timestamp_ms: nowMs })

/** Checks that an endpoint takes event requests: a request without events has no effect. */
export const eventsVerification = (id: string, nowMs: number): string =>
  request(
    'event_processing_request',
    { id, timestamp_ms: nowMs },
    { runtime_environment: { type: 'unknown' }, events: [] }
  )

/** The same check for audiences. `user_profiles` must be absent: an empty list is not a check. */
export const audiencesVerification = (id: string, nowMs: number): string =>
  request('audience_membership_change_request', { id, timestamp_ms: nowMs })

type Texts = Record<string, string>

interface MembershipFacts extends Envelope {
  /** The subscription settings of each audience, by its numeric id. */
  subscriptionSettings: Record<string, Texts>
}

const textsOrNone = (texts: Texts | undefined): Texts | undefined =>
  texts && Object.keys(texts).length > 0 ? texts : undefined

const withSettings =
  (settings: MembershipFacts['subscriptionSettings']) =>
  (audience: Json): Json =>
    isObject(audience)
      ? {
          ...audience,
          audience_subscription_settings: textsOrNone(settings[String(audience.audience_id)]),
        }
      : audience

/**
 * One request with the changes of several users, without its account.
 *
 * @param profiles user profiles as JSON text, as `applyFirehoseTrigger` makes them
 */
export const membershipRequest = (profiles: string[], facts: MembershipFacts): string => {
  const user_profiles = profiles.map((text): Json => {
    const profile = parseJson(text)
    if (!isObject(profile) || !Array.isArray(profile.audiences)) return profile
    return {
      ...profile,
      audiences: profile.audiences.map(withSettings(facts.subscriptionSettings)),
    }
  })
  return request('audience_membership_change_request', facts, {
    // Absent rather than empty.
    user_profiles: nonEmpty(user_profiles),
  })
}

interface SubscriptionFacts extends Envelope {
  action: SubscriptionAction
  audience_id: number
  audience_name: string
  settings: Texts
  /** The settings before an update. */
  previous?: Texts
}

/**
 * Tells an integration that an audience was connected, changed or disconnected; without the
 * account.
 */
export const subscriptionRequest = (facts: SubscriptionFacts): string =>
  request('audience_subscription_request', facts, {
    action: facts.action,
    audience_id: facts.audience_id,
    audience_name: facts.audience_name,
    audience_subscription_settings: textsOrNone(facts.settings),
    previous_audience_subscription_settings: textsOrNone(facts.previous),
  })
