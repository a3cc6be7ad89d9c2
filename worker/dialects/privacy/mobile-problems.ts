import { type Problem, problem } from '../../base/problem'
import { type Privacy, privacySettings } from './settings'

// Amazon's dialect requires these, or weir derives them from what it requires.
const required = new Set([
  '*',
  'event_name',
  'custom_event_type',
  'application_transition_type',
  'timestamp_unixtime_ms',
  'source_message_id',
  'event_num',
  // These are an event's attributes and metrics, which have names of their own.
  'custom_attributes',
  'currency_code',
  'product_action',
])
// A hash does not fit into these, which are short texts or numbers; they can be dropped.
const unhashable = new Set(['session_uuid', 'session_start_unixtime_ms', 'session_duration_ms'])

const dataField = (name: string): string | undefined =>
  name.startsWith('events.') ? name.slice('events.'.length) : undefined

/** Finds rules about the data of events that an input of Mobile Analytics cannot apply. */
export const mobilePrivacyProblems = (privacy: Privacy, path: string): Problem[] =>
  (['hash', 'drop'] as const).flatMap((list) => {
    const { label } = privacySettings.privacy.rows[list]
    return privacy[list].flatMap((name, i) => {
      const field = dataField(name)
      if (field === undefined) return []
      if (!required.has(field) && !(list === 'hash' && unhashable.has(field))) return []
      const message = `${name} cannot be in ${label} of an input of Amazon Mobile Analytics.`
      return problem('invalid', `${path}.${list}.${i}`, message)
    })
  })
