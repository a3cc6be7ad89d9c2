import { getPath } from 'hono/utils/url'
import { pathBelowBase } from '../config/base-path'
import type { Bindings } from '../config/deployment'

/** What the paths of the console's pages begin with, including the base path of the request. */
export const rootOf = (request: Request, env: Bindings): string => {
  const path = getPath(request)
  const base = path.slice(0, path.length - pathBelowBase(request, { env }).length)
  return `${base}/console`
}
