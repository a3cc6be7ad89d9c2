import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The pattern of a request's route, for logs: the path itself may hold an mpid or a key. */
export const routeOf = (context: Context): string =>
  matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path ?? ''
