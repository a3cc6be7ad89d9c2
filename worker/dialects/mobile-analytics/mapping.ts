import type { Json, JsonObject } from '../../base/json'
import { type BatchEvent, eventData } from '../../batch'
import type { MobileEvent } from './events'
import { eventUuid } from './ids'
import { purchaseData, purchaseRest } from './purchase'
import type { MobileRequest } from './request'

/** An event of a request, converted to one of the batch. */
export interface MappedEvent {
  event: BatchEvent
  /** The index in the request of the original event. */
  index: number
  /** A connection forwards the event only if this setting is on. */
  neededSetting?: 'keep_session_attributes'
}

/** The duration of a session, ms: the client's own, else from start to stop. */
export const sessionDuration = ({ session }: MobileEvent): number | undefined => {
  if (session?.duration_ms !== undefined) return session.duration_ms
  if (session?.stop_ms === undefined) return undefined
  return session.stop_ms - session.start_ms
}

/** Attributes and metrics in one map. A metric whose name an attribute has is renamed. */
export const customAttributes = ({ attributes, metrics }: MobileEvent): JsonObject => {
  const all = new Map<string, Json>(Object.entries(attributes))
  for (const [name, value] of Object.entries(metrics)) {
    let freeName = name
    while (all.has(freeName)) freeName = `${freeName} (metric)`
    all.set(freeName, value)
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

const convert = (event: MobileEvent): BatchEvent => {
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

// A session_start of the batch has no attributes: they go into a custom event that follows it.
const hasSessionAttributes = ({ type, attributes, metrics }: MobileEvent): boolean =>
  type === '_session.start' && Object.keys(attributes).length + Object.keys(metrics).length > 0

/** Converts the events of a request to those of a batch. */
export const mapEvents = ({ events, digest }: MobileRequest): MappedEvent[] =>
  events.flatMap((mobileEvent, index): MappedEvent[] => {
    const complete = (event: BatchEvent, source_message_id: string): BatchEvent => ({
      ...event,
      data: {
        ...eventData(event),
        ...commonData(mobileEvent),
        source_message_id,
        event_num: index,
      },
    })
    const event = complete(convert(mobileEvent), eventUuid(digest, index))
    if (!hasSessionAttributes(mobileEvent)) return [{ event, index }]
    const attributes = complete(customEvent(mobileEvent), eventUuid(digest, index, 1))
    return [
      { event, index },
      { event: attributes, index, neededSetting: 'keep_session_attributes' },
    ]
  })
