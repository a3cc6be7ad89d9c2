import { settings } from '../settings'

/** How much an input accepts, and from whom. */
export const limitSettings = settings({
  limits: {
    type: 'group',
    label: 'Limits',
    help: 'Protection against abuse. Requests above a limit are answered 429 with Retry-After.',
    rows: {
      requests_per_minute_per_address: {
        type: 'number',
        label: 'Requests per Minute and Address',
        help: 'From one IPv4 address, or from one /64 network of IPv6. Empty: no limit.',
        unit: 'requests',
        min: 1,
        max: 1_000_000,
      },
      requests_per_minute: {
        type: 'number',
        label: 'Requests per Minute',
        help: 'From all addresses together. Empty: no limit.',
        unit: 'requests',
        min: 1,
        max: 100_000_000,
      },
      events_per_day: {
        type: 'number',
        label: 'Events per Day',
        help: 'From midnight to midnight, UTC. Empty: no limit.',
        unit: 'events',
        min: 1,
        max: 1_000_000_000_000,
      },
      bots: {
        type: 'choice',
        label: 'Bots',
        help: 'What happens to requests whose user agent is a known robot: they are stored, stored with is_bot: true, or dropped.',
        default: 'keep',
        choices: [
          { value: 'keep', label: 'Keep' },
          { value: 'flag', label: 'Flag' },
          { value: 'drop', label: 'Drop' },
        ],
      },
    },
  },
})
