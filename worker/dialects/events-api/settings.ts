import { settings } from '../../settings'

/** What is set on an input for the Events API, besides its key and secret. */
export const eventsApiSettings = settings({
  batches_per_second: {
    type: 'number',
    label: 'Batches per Second',
    help: 'The most that the Events API accepts; further ones are answered 429. Empty: no limit.',
    unit: 'batches',
    min: 1,
    max: 1_000_000,
  },
})
