import type { EdgeFacts } from '../batch'
import type { Bindings } from '../config/deployment'
import type { Input } from '../config/input'
import type { Snapshot } from '../config/snapshot'

/** A request that an input lets in, and what its parts need to be stored. */
export interface Accepting {
  env: Bindings
  snapshot: Snapshot
  input: Input
  edge: EdgeFacts
  waitUntil?: (promise: Promise<unknown>) => void
  /** Whether the browser sends Global Privacy Control, and the input respects it. */
  has_gpc?: boolean
  /** Whether the user agent is a robot's, and the input wants to know. */
  is_bot?: boolean
}
