import type { Context } from 'hono'
import type { Bindings } from '../config/deployment'

/** Who looks at a page, and where the console lies. */
export interface Session {
  /** The name of an admin token, or an e-mail address by Cloudflare Access. */
  who: string
  by: 'token' | 'access'
  /** What the paths of all pages begin with: `/console`, or `/hello/console` below `BASE_PATH`. */
  root: string
}

export type ConsoleEnv = {
  Bindings: Bindings
  Variables: {
    session: Session
    /** What a sent form says of the item that it was made of. */
    was?: string
  }
}

/** Of a page; `session` is set once `requireSession` has let it pass. */
export type ConsoleContext = Context<ConsoleEnv>
