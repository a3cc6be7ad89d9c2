import type { Core } from './core'
import type { Attributes } from './user'

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

/** Records a screen view of the page, its address included. */
export const recordView = (
  record: Core['record'],
  screen_name: string,
  custom_attributes?: Attributes
) => record('screen_view', { screen_name, page_url: location.href, custom_attributes })
