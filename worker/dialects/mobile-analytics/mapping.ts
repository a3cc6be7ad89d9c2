import type { Json, JsonObject } from '../../base/json'
import type { BatchEvent } from '../../batch'
import type { MobileEvent } from './events'
import { eventUuid } from './ids'
import { purchaseData, purchaseRest } from './purchase'
import type { MobileRequest } from './request'

/** An event as the batch has it; `neededSetting` must be on for it to be forwarded. */
export interface MappedEvent {
  event: BatchEvent
  /** The place in the request of the event that it was made of. */
  place: number
  neededSetting?: 'keep_session_attributes'
}

/** How long a session lasted, ms: as its client says, else from start to stop. */
export const sessionDuration = ({ session }: MobileEvent): number | undefined => {
  if (session?.duration_ms !== undefined) return session.duration_ms
  if (session?.stop_ms === undefined) return undefined
  return session.stop_ms - session.start_ms
}

/** Attributes and metrics in one map. Of a name that both have, the metric gives way. */
export const customAttributes = ({ attributes, metrics }: MobileEvent): JsonObject => {
  const all = new Map<string, Json>(Object.entries(attributes))
  for (const [name, value] of Object.entries(metrics)) {
    let free = name
    while (all.has(free)) free = `${free} (metric)`
    all.set(free, value)
  }
  return all.size > 0 ? { custom_attributes: Object.fromEntries(all) } : {}
}

const commonData = ({ time_ms, session }: MobileEvent): JsonObject => ({
  timestamp_unixtime_ms: time_ms,
  ...(session ? { session_uuid: session.id, session_start_unixtime_ms: session.start_ms } : {}),
})

const customEvent = (event: MobileEvent): BatchEvent => ({
  event_type: 'custom_event',
  data: { event_name: event.type, custom_event_type: 'other', ...customAttributes(event) },
})

const transition = (event: MobileEvent, application_transition_type: string): BatchEvent => ({
  event_type: 'application_state_transition',
  data: { application_transition_type, ...customAttributes(event) },
})

const sessionEnd = (event: MobileEvent): BatchEvent => {
  const duration = sessionDuration(event)
  return {
    event_type: 'session_end',
    data: {
      ...(duration === undefined || duration < 0 ? {} : { session_duration_ms: duration }),
      ...customAttributes(event),
    },
  }
}

const purchase = (event: MobileEvent): BatchEvent => ({
  event_type: 'commerce_event',
  data: { ...purchaseData(event), ...customAttributes(purchaseRest(event)) },
})

const converted = (event: MobileEvent): BatchEvent => {
  switch (event.type) {
    case '_session.start':
      return { event_type: 'session_start' }
    case '_session.stop':
      return sessionEnd(event)
    case '_session.pause':
      return transition(event, 'application_background')
    case '_session.resume':
      return transition(event, 'application_foreground')
    case '_monetization.purchase':
      return purchase(event)
    default:
      return customEvent(event)
  }
}

// A session_start has no room for what the event brought along.
const hasMore = ({ type, attributes, metrics }: MobileEvent): boolean =>
  type === '_session.start' && Object.keys(attributes).length + Object.keys(metrics).length > 0

/** The events of a request as the batch has them. */
export const mapEvents = ({ events, digest }: MobileRequest): MappedEvent[] =>
  events.flatMap((one, place): MappedEvent[] => {
    const placed = (event: BatchEvent, source_message_id: string): BatchEvent => ({
      ...event,
      data: {
        ...(event.data as JsonObject | undefined),
        ...commonData(one),
        source_message_id,
        event_num: place,
      },
    })
    const event = placed(converted(one), eventUuid(digest, place))
    if (!hasMore(one)) return [{ event, place }]
    const more = placed(customEvent(one), eventUuid(digest, place, 1))
    return [
      { event, place },
      { event: more, place, neededSetting: 'keep_session_attributes' },
    ]
  })
