import { getPath } from 'hono/utils/url'
import { pathBelowBase } from '../config/base-path'
import type { Bindings } from '../config/deployment'

/** What the paths of the console's pages begin with: below the base path that a request came by. */
export const rootOf = (request: Request, env: Bindings): string => {
  const path = getPath(request)
  const base = path.slice(0, path.length - pathBelowBase(request, { env }).length)
  return `${base}/console`
}
