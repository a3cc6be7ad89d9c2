import type { Delivery } from '../delivery'

/** Where a batch or alias request that a connection converts comes from. */
export interface ApplyContext {
  /** The hand-off's id: delivery and message ids derive from it. */
  id: string
  mpid: string
  input: { id: string; app_name?: string | undefined }
  /** When each identity was last set on the profile, ms, by type. */
  identityTimes: Record<string, number>
}

/** What a connection makes of a batch: its deliveries, and how many events it took and left out. */
export interface Applied {
  deliveries: Delivery[]
  accepted: number
  filtered: Record<string, number>
}
