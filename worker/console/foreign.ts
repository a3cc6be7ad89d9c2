import type { MiddlewareHandler } from 'hono'
import { problem, RequestError } from '../base/problem'

const isSameOrigin = (origin: string, url: string): boolean => origin === new URL(url).origin

/**
 * Refuses requests from other sites, whatever their content type: hono's csrf() checks only the types
 * of forms.
 */
export const refuseForeign: MiddlewareHandler = async ({ req }, next) => {
  const origin = req.header('origin')
  const isReading = req.method === 'GET' || req.method === 'HEAD'
  if (isReading || origin === undefined || isSameOrigin(origin, req.url)) return next()
  const message = 'The request came from another site.'
  throw new RequestError(403, [problem('origin_not_allowed', 'origin', message)])
}
