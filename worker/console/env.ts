import type { Context } from 'hono'
import type { Bindings } from '../config/deployment'

/** The signed-in person, and the path of the console. */
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
    /** The revision of the item that a sent form was made from. */
    was?: string
  }
}

/** The context of a page; `session` is set by `requireSession`. */
export type ConsoleContext = Context<ConsoleEnv>
