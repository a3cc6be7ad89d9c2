import * as v from 'valibot'
import { id } from '../base/id'
import { type Problem, problem } from '../base/problem'
import { mobilePrivacyProblems } from '../dialects/privacy/mobile-problems'
import { privacyProblems, privacySchema } from '../dialects/privacy/schema'
import { limitsSchema } from './limits'

const environment = v.optional(v.picklist(['production', 'development']), 'production')
const filled = v.pipe(v.string(), v.minLength(1, 'must not be empty'))
const secret = v.pipe(v.string(), v.minLength(8, 'must have at least 8 characters'))

/** What the mParticle web SDK is told by its config route. Units: ms. */
const webSdkSchema = v.strictObject({
  /** Below 500 each event is an upload of its own. */
  upload_interval_ms: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3_600_000)),
    5000
  ),
  /**
   * Whether batches that were not sent are kept in the browser. They then outlive a crash of the
   * page; but of several uploads that fail at a time, the SDK keeps only one.
   */
  offline_storage: v.optional(v.boolean(), false),
  /** Whether leaving the page is recorded. */
  background_events: v.optional(v.boolean(), true),
  /** Whether click ids of advertisers are collected from addresses and cookies. */
  capture_integration_ids: v.optional(v.boolean(), false),
})

const accessKeySchema = v.strictObject({
  access_key_id: v.pipe(
    v.string(),
    v.regex(/^[\w.-]{4,128}$/, 'must have 4 to 128 of A-Z, a-z, 0-9, _ . -')
  ),
  secret_access_key: v.optional(secret),
  enabled: v.optional(v.boolean(), true),
  expires: v.optional(
    v.pipe(v.string(), v.isoTimestamp('must be a time such as 2027-01-31T00:00:00Z'))
  ),
})

/** An app of Amazon Mobile Analytics: what its requests must name, and how they become batches. */
const mobileAnalyticsSchema = v.strictObject({
  app_id: filled,
  /** Several, so that one can be replaced while apps in the field still use the other. */
  access_keys: v.optional(v.array(accessKeySchema), []),
  /** Told in flattened records. */
  account_id: v.optional(filled, 'weir'),
  environment,
  /** The attribute of events that names the customer, if any does. */
  customer_id_attribute: v.optional(filled),
  /** Whether `custom` of the client context becomes user attributes. */
  custom_as_user_attributes: v.optional(v.boolean(), false),
  /** Whether a client context must have all that Amazon's guide asks for. */
  strict_client_context: v.optional(v.boolean(), false),
})

/** A feed of mParticle's Firehose, to which weir is an integration. */
const firehoseSchema = v.strictObject({
  /** What its requests must name: `Authorization: Token <token>`. */
  token: v.optional(secret),
  /** The module's name in mParticle's directory, and the prefix of the custom flags that it gets. */
  module_name: v.optional(filled, 'weir'),
  /** Whether its data subject requests erase users, of whatever input these are. */
  erasures: v.optional(v.boolean(), false),
})

export const inputSchema = v.strictObject({
  id,
  name: v.optional(v.string(), ''),
  platform: v.optional(v.picklist(['web', 'ios', 'android', 'server']), 'web'),
  key: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.~-]{4,128}$/, 'must have 4 to 128 of A-Z, a-z, 0-9, _ . ~ -'))
  ),
  secret: v.optional(secret),
  enabled: v.optional(v.boolean(), true),
  allowed_origins: v.optional(
    v.array(
      v.pipe(v.string(), v.regex(/^(\*|https?:\/\/[^/]+)$/, 'must be * or scheme://host[:port]'))
    ),
    () => ['*']
  ),
  app_name: v.optional(v.string()),
  /** The most batches per second that the Events API takes. */
  batches_per_second: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000))
  ),
  /** The identities with which a user counts as logged in; `customer_id` and `email` by default. */
  login_identities: v.optional(v.array(filled)),
  web_sdk: v.optional(webSdkSchema),
  mobile_analytics: v.optional(mobileAnalyticsSchema),
  firehose: v.optional(firehoseSchema),
  privacy: v.optional(privacySchema),
  limits: v.optional(limitsSchema),
})

export type Input = v.InferOutput<typeof inputSchema>
export type WebSdk = v.InferOutput<typeof webSdkSchema>
export type MobileAnalytics = v.InferOutput<typeof mobileAnalyticsSchema>
export type Firehose = v.InferOutput<typeof firehoseSchema>
export type AccessKey = v.InferOutput<typeof accessKeySchema>

export const defaultWebSdk = (): WebSdk => v.parse(webSdkSchema, {})

interface Named {
  name: string
  path: string
  what: string
}

/** Names of a sort that no two may share, also not within one input. */
const repeats = (names: Named[]): Problem[] => {
  const seen = new Set<string>()
  return names.flatMap(({ name, path, what }) => {
    const isRepeat = seen.has(name)
    seen.add(name)
    return isRepeat ? problem('duplicate', path, `This ${what} belongs to another input.`) : []
  })
}

const keysOf = (input: Input, i: number): Named[] =>
  input.key === undefined ? [] : [{ name: input.key, path: `inputs.${i}.key`, what: 'key' }]

const appsOf = ({ mobile_analytics: app }: Input, i: number): Named[] =>
  app
    ? [{ name: app.app_id, path: `inputs.${i}.mobile_analytics.app_id`, what: 'application id' }]
    : []

const accessKeysOf = ({ mobile_analytics: app }: Input, i: number): Named[] =>
  (app?.access_keys ?? []).map(({ access_key_id: name }, j) => ({
    name,
    path: `inputs.${i}.mobile_analytics.access_keys.${j}.access_key_id`,
    what: 'access key id',
  }))

const lacking = (input: Input, i: number): Problem[] => {
  const path = `inputs.${i}`
  if (input.key === undefined && !input.mobile_analytics && !input.firehose) {
    return [problem('required', `${path}.key`, `${path}.key is required.`)]
  }
  if (input.firehose && input.firehose.token === undefined) {
    const place = `${path}.firehose.token`
    return [problem('required', place, `${place} is required.`)]
  }
  return (input.mobile_analytics?.access_keys ?? []).flatMap(({ secret_access_key }, j) => {
    if (secret_access_key !== undefined) return []
    const place = `${path}.mobile_analytics.access_keys.${j}.secret_access_key`
    return problem('required', place, `${place} is required.`)
  })
}

/** Rules across the fields of inputs. */
export const inputProblems = (inputs: Input[]): Problem[] => [
  ...inputs.flatMap(lacking),
  ...inputs.flatMap(({ privacy, mobile_analytics: app }, i) => {
    if (!privacy) return []
    const path = `inputs.${i}.privacy`
    return [...privacyProblems(privacy, path), ...(app ? mobilePrivacyProblems(privacy, path) : [])]
  }),
  ...repeats(inputs.flatMap(keysOf)),
  ...repeats(inputs.flatMap(appsOf)),
  ...repeats(inputs.flatMap(accessKeysOf)),
]
