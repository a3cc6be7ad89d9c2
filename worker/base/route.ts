import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The pattern of the path that a request came to: what may be logged, since paths hold mpids and keys. */
export const routeOf = (context: Context): string =>
  matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'))?.path ?? ''
