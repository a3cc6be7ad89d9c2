import type { JsonObject } from '../base/json'
import type { MembershipChange, Step } from './membership'

/** What changed for a profile at one instant, with what was known of the user then. Times in ms. */
export interface Trigger extends Step {
  created_ms: number
  modified_ms: number
  attributes: JsonObject
  identities: JsonObject
}

/** What changed at one instant, for the directory to count members by. */
export interface Changed {
  /** ms */
  at_ms: number
  changes: MembershipChange[]
}
