import { getPath } from 'hono/utils/url'
import type { Bindings } from './deployment'

const baseOf = (env: Partial<Bindings> | undefined): string => {
  const name = String(env?.BASE_PATH ?? '').replace(/^\/+|\/+$/g, '')
  return name === '' ? '' : `/${name}`
}

/** The path of a request below `BASE_PATH`, or its whole path when it does not lie there. */
export const pathBelowBase = (request: Request, options?: { env?: Partial<Bindings> }): string => {
  const path = getPath(request)
  const base = baseOf(options?.env)
  return base !== '' && path.startsWith(`${base}/`) ? path.slice(base.length) : path
}

/**
 * The static file of a request below `BASE_PATH`, with the headers that it has elsewhere, where
 * files are answered before the worker runs. Undefined when there is none.
 */
export const fileBelowBase = async (
  request: Request,
  env: Bindings
): Promise<Response | undefined> => {
  const path = pathBelowBase(request, { env })
  const isAsked = request.method === 'GET' || request.method === 'HEAD'
  if (!isAsked || path === getPath(request) || !env.ASSETS) return undefined
  const answer = await env.ASSETS.fetch(new Request(new URL(path, request.url), request))
  return answer.status === 404 ? undefined : answer
}
