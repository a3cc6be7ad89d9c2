import type { JsonObject } from '../base/json'
import type { Delivery } from '../delivery'
import type { Outbound, OutboundEvent } from './outbound'
import type { ConnectionSettings } from './settings'

/** The origin of a batch or alias request that a connection converts. */
export interface ApplyContext {
  /** Of the hand-off to the outbox. Delivery and message ids are derived from it. */
  id: string
  mpid: string
  input: { id: string; app_name?: string | undefined }
  /** When each identity was last set on the profile, ms, by type. */
  identityTimes: Record<string, number>
}

/** Events of a batch that are sent together, with what their messages or records need. */
export interface EventGroup {
  batch: Outbound
  /** The batch's fields after the settings were applied. */
  fields: JsonObject
  events: OutboundEvent[]
  settings: ConnectionSettings
  context: ApplyContext
}

/** The deliveries that a connection makes of a batch, and the counts for its statistics. */
export interface Applied {
  deliveries: Delivery[]
  /** Events (or audience changes) that the connection received, filtered ones included. */
  accepted: number
  /** Those that were not forwarded, by the setting that filtered them. */
  filtered: Record<string, number>
}
