import type { Core } from './core'
import type { Attributes } from './user'

/** mParticle's types of custom events. */
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

/** The location of an event, in degrees and metres. */
export interface Location {
  latitude: number
  longitude: number
  accuracy?: number
}

/** Further fields of an event. */
export interface EventDetails {
  /** Default `other`. */
  type?: CustomEventType
  /** Sent as `custom_flags`: values for outputs, not for analysis. */
  flags?: Record<string, unknown>
  location?: Location
}

/** Records a screen view of the page, with its address. */
export const recordView = (
  record: Core['record'],
  screen_name: string,
  custom_attributes?: Attributes
) => record('screen_view', { screen_name, page_url: location.href, custom_attributes })
