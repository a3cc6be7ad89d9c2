import { idPattern, idPatternHelp } from '../base/id'
import { type Problem, problem } from '../base/problem'
import { eventsApiSettings } from '../dialects/events-api/settings'
import { firehoseSettings } from '../dialects/firehose/settings'
import { mobileAnalyticsSettings } from '../dialects/mobile-analytics/settings'
import { mparticleWebSettings } from '../dialects/mparticle-web/settings'
import { mobilePrivacyProblems } from '../dialects/privacy/mobile-problems'
import { privacyProblems, privacySettings } from '../dialects/privacy/settings'
import { settingsSchema } from '../setting-schema'
import { settings, type Values } from '../settings'
import { limitSettings } from './limits'

/** Everything that people set on an input. */
export const inputSettings = settings({
  id: {
    type: 'text',
    label: 'ID',
    help: 'The name by which connections and the admin API refer to the input. It cannot be changed.',
    required: true,
    pattern: idPattern,
    patternHelp: idPatternHelp,
  },
  name: { type: 'text', label: 'Name', help: 'A name for people.', default: '' },
  platform: {
    type: 'choice',
    label: 'Platform',
    help: 'What sends to it, for people to tell inputs apart. Errors call a server a feed, and everything else an app.',
    default: 'web',
    choices: [
      { value: 'web', label: 'Web' },
      { value: 'ios', label: 'iOS' },
      { value: 'android', label: 'Android' },
      { value: 'server', label: 'Server' },
    ],
  },
  enabled: {
    type: 'switch',
    label: 'Enabled',
    help: 'Off: everything that is sent to it is answered 403.',
    default: true,
  },
  key: {
    type: 'text',
    label: 'Key',
    help: 'Names the input in requests; it may be public, as in a page. Required unless the input is for Mobile Analytics or a Firehose feed.',
    pattern: '^[\\w.~-]{4,128}$',
    patternHelp: 'must have 4 to 128 of A-Z, a-z, 0-9, _ . ~ -',
  },
  secret: {
    type: 'secret',
    label: 'Secret',
    help: 'The password of servers at the Events API, where the key is the user name; with it, identity requests may be signed. At least 8 characters. Sealed when stored, never shown again.',
    minLength: 8,
  },
  allowed_origins: {
    type: 'list',
    label: 'Allowed Origins',
    help: 'The sites whose pages may send to it, such as https://shop.example.com. * allows all.',
    default: ['*'],
    pattern: '^(\\*|https?:\\/\\/[^/]+)$',
    patternHelp: 'must be * or scheme://host[:port]',
  },
  app_name: {
    type: 'text',
    label: 'App Name',
    help: 'The beginning of the names of files in S3. Empty: the application name in the batches.',
  },
  ...limitSettings,
  ...privacySettings,
  ...mparticleWebSettings,
  ...eventsApiSettings,
  ...mobileAnalyticsSettings,
  ...firehoseSettings,
})

export const inputSchema = settingsSchema(inputSettings)

export type Input = Values<typeof inputSettings>

interface UniqueName {
  name: string
  path: string
  /** What the name is, for the message. */
  kind: string
}

/** Finds names that are used twice, by two inputs or by one. */
const duplicateNames = (names: UniqueName[]): Problem[] => {
  const seen = new Set<string>()
  return names.flatMap(({ name, path, kind }) => {
    const isDuplicate = seen.has(name)
    seen.add(name)
    return isDuplicate ? problem('duplicate', path, `This ${kind} belongs to another input.`) : []
  })
}

const keysOf = (input: Input, i: number): UniqueName[] =>
  input.key === undefined ? [] : [{ name: input.key, path: `inputs.${i}.key`, kind: 'key' }]

const appsOf = ({ mobile_analytics: app }: Input, i: number): UniqueName[] =>
  app
    ? [{ name: app.app_id, path: `inputs.${i}.mobile_analytics.app_id`, kind: 'application id' }]
    : []

const accessKeysOf = ({ mobile_analytics: app }: Input, i: number): UniqueName[] =>
  (app?.access_keys ?? []).map(({ access_key_id: name }, j) => ({
    name,
    path: `inputs.${i}.mobile_analytics.access_keys.${j}.access_key_id`,
    kind: 'access key id',
  }))

const missingKey = (input: Input, i: number): Problem[] =>
  input.key === undefined && !input.mobile_analytics && !input.firehose
    ? [problem('required', `inputs.${i}.key`, `${inputSettings.key.label} is required.`)]
    : []

/** Rules across the fields of inputs. */
export const inputProblems = (inputs: Input[]): Problem[] => [
  ...inputs.flatMap(missingKey),
  ...inputs.flatMap(({ privacy, mobile_analytics: app }, i) => {
    if (!privacy) return []
    const path = `inputs.${i}.privacy`
    return [...privacyProblems(privacy, path), ...(app ? mobilePrivacyProblems(privacy, path) : [])]
  }),
  ...duplicateNames(inputs.flatMap(keysOf)),
  ...duplicateNames(inputs.flatMap(appsOf)),
  ...duplicateNames(inputs.flatMap(accessKeysOf)),
]
