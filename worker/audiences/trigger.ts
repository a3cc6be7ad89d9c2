import type { JsonObject } from '../base/json'
import type { MembershipChange, Step } from './membership'

/**
 * The changes of a profile at one instant, with the user's attributes and identities then. Times in
 * ms.
 */
export interface Trigger extends Step {
  created_ms: number
  modified_ms: number
  attributes: JsonObject
  identities: JsonObject
}

/** The changes of a profile at one instant, for the directory's member counts. */
export interface Changed {
  /** ms */
  at_ms: number
  changes: MembershipChange[]
}
