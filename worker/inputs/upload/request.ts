import type { Context } from 'hono'
import type { EdgeFacts } from '../../batch'
import type { Bindings } from '../../config/deployment'
import type { Input } from '../../config/input'
import type { Snapshot } from '../../config/snapshot'

export type HonoEnv = { Bindings: Bindings }
export type InputContext = Context<HonoEnv>

/** A request whose input is known, with all that the steps of an upload need. */
export interface InputRequest {
  env: Bindings
  snapshot: Snapshot
  input: Input
  edge: EdgeFacts
  /** Keeps the isolate alive for work that goes on after the answer. */
  waitUntil: (promise: Promise<unknown>) => void
  /** Whether the browser sends Global Privacy Control, and the input respects it. */
  has_gpc?: boolean
  /** Whether the user agent is a robot's, and the input flags robots. */
  is_bot?: boolean
}

export const waitUntilOf =
  ({ executionCtx }: InputContext): InputRequest['waitUntil'] =>
  (promise) =>
    executionCtx.waitUntil(promise)
