import type { OutboundEvent } from './outbound'
import type { SharedSettings } from './settings'

type Switch = {
  [K in keyof SharedSettings]: SharedSettings[K] extends boolean ? K : never
}[keyof SharedSettings]

const switchOf: Record<string, Switch> = {
  session_start: 'send_lifecycle_events',
  session_end: 'send_lifecycle_events',
  application_state_transition: 'send_lifecycle_events',
  first_run: 'send_lifecycle_events',
  screen_view: 'send_screen_views',
  crash_report: 'send_crash_events',
  breadcrumb: 'send_crash_events',
  network_performance: 'send_network_performance_events',
  custom_event: 'send_custom_events',
  push_registration: 'send_push_events',
  push_message: 'send_push_events',
  push_reaction: 'send_push_events',
  commerce_event: 'send_commerce_events',
  user_attribute_change: 'include_user_attribute_change_events',
  user_identity_change: 'include_user_identity_change_events',
}

/** The id of the setting that filters an event type; `validation_result` is never forwarded. */
export const filteredBy = (type: string, settings: SharedSettings): string | undefined => {
  if (type === 'validation_result') return type
  if (!Object.hasOwn(switchOf, type)) return undefined
  const setting = switchOf[type]
  return setting && !settings[setting] ? setting : undefined
}

export interface Filtered {
  events: OutboundEvent[]
  /** How many events were filtered, by the setting that filtered them. */
  filtered: Record<string, number>
}

export const filterEvents = (events: OutboundEvent[], settings: SharedSettings): Filtered => {
  const filtered: Record<string, number> = {}
  const passed = events.filter(({ event, neededSetting }) => {
    const isOff = neededSetting !== undefined && !settings[neededSetting]
    const reason = isOff ? neededSetting : filteredBy(event.event_type, settings)
    if (reason) filtered[reason] = (filtered[reason] ?? 0) + 1
    return !reason
  })
  return { events: passed, filtered }
}
