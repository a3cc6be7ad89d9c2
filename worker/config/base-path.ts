import { getPath } from 'hono/utils/url'
import type { Bindings } from './deployment'

const baseOf = (env: Partial<Bindings> | undefined): string => {
  const name = String(env?.BASE_PATH ?? '').replace(/^\/+|\/+$/g, '')
  return name === '' ? '' : `/${name}`
}

/** The path of a request relative to `BASE_PATH`, or its whole path when it is not below it. */
export const pathBelowBase = (request: Request, options?: { env?: Partial<Bindings> }): string => {
  const path = getPath(request)
  const base = baseOf(options?.env)
  return base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length) : path
}

/**
 * The static file that a request below `BASE_PATH` names; undefined when there is none. Without
 * `BASE_PATH` the platform serves static files before the worker runs.
 */
export const fileBelowBase = async (
  request: Request,
  env: Bindings
): Promise<Response | undefined> => {
  const path = pathBelowBase(request, { env })
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead || path === getPath(request) || !env.ASSETS) return undefined
  const response = await env.ASSETS.fetch(new Request(new URL(path, request.url), request))
  return response.status === 404 ? undefined : response
}
