import { type Problem, problem } from '../../base/problem'
import type { Privacy } from './schema'

// Amazon's dialect must have these, or weir makes them of what it must have.
const fixed = new Set([
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
// None of these has room for a hash; they can be left out.
const ofSession = new Set(['session_uuid', 'session_start_unixtime_ms', 'session_duration_ms'])

const dataField = (name: string): string | undefined =>
  name.startsWith('events.') ? name.slice('events.'.length) : undefined

/** Rules about the data of events that cannot be kept by an input of Mobile Analytics. */
export const mobilePrivacyProblems = ({ hash, drop }: Privacy, path: string): Problem[] => {
  const among = (names: string[], list: 'hash' | 'drop'): Problem[] =>
    names.flatMap((name, i) => {
      const field = dataField(name)
      const isRefused =
        field !== undefined && (fixed.has(field) || (list === 'hash' && ofSession.has(field)))
      const message = `${name} cannot stand in ${list} of an input with mobile_analytics.`
      return isRefused ? problem('invalid', `${path}.${list}.${i}`, message) : []
    })
  return [...among(hash, 'hash'), ...among(drop, 'drop')]
}
