import { type Problem, problem } from '../../base/problem'
import { settings, type Values } from '../../settings'

/** What names of fields begin with; more follows a dot. */
export const roots = [
  'user_identities',
  'user_attributes',
  'custom_attributes',
  'custom_flags',
  'partner_identities',
  'integration_attributes',
  'device_info',
  'application_info',
  'context',
  'events',
] as const

const fieldName = {
  pattern: `^(mp_deviceid|(${roots.join('|')})\\..+)$`,
  patternHelp: `must be mp_deviceid, or a name below one of ${roots.join(', ')}, such as user_identities.email`,
}

/** The one purpose that CCPA has. */
export const saleOptOut = 'data_sale_opt_out'

const consentSettings = settings({
  regulation: {
    type: 'choice',
    label: 'Regulation',
    help: 'GDPR requires that the user has consented to the purpose, CCPA that the user has not opted out of sale.',
    required: true,
    choices: [
      { value: 'gdpr', label: 'GDPR' },
      { value: 'ccpa', label: 'CCPA' },
    ],
  },
  purpose: {
    type: 'text',
    label: 'Purpose',
    help: `The purpose that a user must have consented to. Required for GDPR; CCPA has only ${saleOptOut}.`,
    minLength: 1,
  },
  otherwise: {
    type: 'choice',
    label: 'Otherwise',
    help: 'What happens to events without consent: they are dropped, or stripped of everything that identifies the user.',
    default: 'drop',
    choices: [
      { value: 'drop', label: 'Drop' },
      { value: 'strip', label: 'Strip' },
    ],
  },
})

const rows = settings({
  ip: {
    type: 'choice',
    label: 'IP Address',
    help: 'Truncated: without the last part of IPv4, the last 80 bits of IPv6. Dropped: with the place that was looked up by it.',
    default: 'keep',
    choices: [
      { value: 'keep', label: 'Keep' },
      { value: 'truncate', label: 'Truncate' },
      { value: 'drop', label: 'Drop' },
    ],
  },
  user_agent: {
    type: 'choice',
    label: 'User Agent',
    help: 'Whether the user agent is stored.',
    default: 'keep',
    choices: [
      { value: 'keep', label: 'Keep' },
      { value: 'drop', label: 'Drop' },
    ],
  },
  hash: {
    type: 'list',
    label: 'Fields to Hash',
    help: 'Fields such as user_identities.email or custom_attributes.phone. A value is replaced by its HMAC-SHA-256 with the deployment’s key.',
    default: [],
    ...fieldName,
  },
  drop: {
    type: 'list',
    label: 'Fields to Drop',
    help: 'Named as in Fields to Hash.',
    default: [],
    ...fieldName,
  },
  respect_gpc: {
    type: 'switch',
    label: 'Respect Global Privacy Control',
    help: 'A browser’s header Sec-GPC: 1 counts as an opt-out of sale.',
    default: false,
  },
  consent: {
    type: 'group',
    label: 'Consent',
    help: 'What the batch says of consent counts, otherwise what the profile says.',
    switchLabel: 'Require consent before events are stored',
    rows: consentSettings,
  },
})

/** What is removed from everything that comes in by an input before any of it is stored. */
export const privacySettings = settings({
  privacy: {
    type: 'group',
    label: 'Privacy',
    help: 'Removed from everything that comes in before any of it is stored, rejected payloads included.',
    rows,
  },
})

export type Privacy = Values<typeof rows>

/** Rules across the fields of `privacy`. */
export const privacyProblems = ({ hash, drop, consent }: Privacy, path: string): Problem[] => {
  const both = hash.flatMap((name, i) =>
    drop.includes(name)
      ? problem(
          'invalid',
          `${path}.hash.${i}`,
          `${name} is in ${rows.hash.label} and in ${rows.drop.label}.`
        )
      : []
  )
  const place = `${path}.consent.purpose`
  const { label } = consentSettings.purpose
  if (consent?.regulation === 'gdpr' && consent.purpose === undefined) {
    return [...both, problem('required', place, `${label} is required.`)]
  }
  const isOther = consent?.regulation === 'ccpa' && (consent.purpose ?? saleOptOut) !== saleOptOut
  return isOther ? [...both, problem('invalid', place, `${label} must be ${saleOptOut}.`)] : both
}
