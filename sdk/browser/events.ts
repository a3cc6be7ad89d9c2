import type { Attributes, Change } from './user'

/** mParticle's kinds of custom event. */
export type CustomEventType =
  | 'navigation'
  | 'location'
  | 'search'
  | 'transaction'
  | 'user_content'
  | 'user_preference'
  | 'social'
  | 'media'
  | 'other'
  | 'attribution'
  | 'unknown'

/** Where an event took place, in degrees and metres. */
export interface Location {
  latitude: number
  longitude: number
  accuracy?: number
}

/** What else can be said of an event. */
export interface EventDetails {
  /** Default `other`. */
  type?: CustomEventType
  /** Sent as `custom_flags`: values for outputs rather than for analysis. */
  flags?: Record<string, unknown>
  location?: Location
}

/** One event's type and the fields of its own; the client adds those that all events have. */
export type Fact = [type: string, data: object]

export const customEvent = (
  name: string,
  attributes: Attributes | undefined,
  { type = 'other', flags, location }: EventDetails
): Fact => [
  'custom_event',
  {
    event_name: name,
    custom_event_type: type,
    custom_attributes: attributes,
    custom_flags: flags,
    location,
  },
]

export const screenView = (name: string | undefined, attributes: Attributes | undefined): Fact => [
  'screen_view',
  {
    // Web workers have a location, yet no document.
    screen_name: name ?? (globalThis.document?.title || location.pathname),
    page_url: location.href,
    custom_attributes: attributes,
  },
]

export const attributeChange = ({ name, value, old }: Change): Fact => [
  'user_attribute_change',
  {
    user_attribute_name: name,
    new: value,
    old: old ?? null,
    deleted: false,
    is_new_attribute: old === undefined,
  },
]

export const identityChange = ({ name, value, old }: Change, nowMs: number): Fact => {
  const side = (identity: unknown, created_this_batch: boolean) =>
    identity === null
      ? null
      : { identity_type: name, identity, timestamp_unixtime_ms: nowMs, created_this_batch }
  return ['user_identity_change', { new: side(value, true), old: side(old, false) }]
}
