import { fieldsOf } from '../forms/form-field'
import type { Section } from '../forms/section'

export const limitsSection: Section = {
  title: 'Limits',
  isFolded: true,
  fields: fieldsOf(
    {
      requests_per_minute_per_address: {
        type: 'number',
        label: 'Requests per Minute and Address',
        help: 'Of one IPv4 address, or of one /64 network of IPv6. Empty: no limit.',
        unit: 'requests',
        min: 1,
        max: 1_000_000,
      },
      requests_per_minute: {
        type: 'number',
        label: 'Requests per Minute',
        help: 'Of all addresses together. Empty: no limit.',
        unit: 'requests',
        min: 1,
        max: 100_000_000,
      },
      events_per_day: {
        type: 'number',
        label: 'Events per Day',
        help: 'From midnight to midnight, UTC; what comes after is answered 429. Empty: no limit.',
        unit: 'events',
        min: 1,
        max: 1_000_000_000_000,
      },
      bots: {
        type: 'choice',
        label: 'Bots',
        help: 'What becomes of requests whose user agent is a robot’s.',
        default: 'keep',
        choices: [
          { value: 'keep', label: 'Keep' },
          { value: 'flag', label: 'Flag' },
          { value: 'drop', label: 'Drop' },
        ],
      },
    },
    'limits'
  ),
}

export const privacySection: Section = {
  title: 'Privacy',
  help: 'Taken out of all that comes in before any of it is stored, rejected payloads included.',
  isFolded: true,
  fields: fieldsOf(
    {
      ip: {
        type: 'choice',
        label: 'IP Address',
        help: 'Truncated: without the last part of IPv4, the last 80 bits of IPv6.',
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
        help: '',
        default: 'keep',
        choices: [
          { value: 'keep', label: 'Keep' },
          { value: 'drop', label: 'Drop' },
        ],
      },
      hash: {
        type: 'list',
        label: 'Fields to Hash',
        help: 'One per line, such as user_identities.email or custom_attributes.phone: SHA-256 with the deployment’s key.',
        most: 1000,
      },
      drop: {
        type: 'list',
        label: 'Fields to Drop',
        help: 'One per line, named alike.',
        most: 1000,
      },
      respect_gpc: {
        type: 'switch',
        label: 'Respect Global Privacy Control',
        help: 'A browser’s Sec-GPC: 1 counts as an opt-out of sale.',
        default: false,
      },
    },
    'privacy'
  ),
}

export const consentSection: Section = {
  title: 'Consent',
  isFolded: true,
  optional: { path: ['privacy', 'consent'], label: 'Ask for consent before events are kept' },
  fields: fieldsOf(
    {
      regulation: {
        type: 'choice',
        label: 'Regulation',
        help: '',
        required: true,
        choices: [
          { value: 'gdpr', label: 'GDPR' },
          { value: 'ccpa', label: 'CCPA' },
        ],
      },
      purpose: {
        type: 'text',
        label: 'Purpose',
        help: 'The purpose that a user must have consented to. Required for GDPR; CCPA has only data_sale_opt_out.',
      },
      otherwise: {
        type: 'choice',
        label: 'Otherwise',
        help: 'What becomes of events without consent: dropped, or stripped of what tells who it was.',
        default: 'drop',
        choices: [
          { value: 'drop', label: 'Drop' },
          { value: 'strip', label: 'Strip' },
        ],
      },
    },
    'privacy',
    'consent'
  ),
}
