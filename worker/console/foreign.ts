import type { MiddlewareHandler } from 'hono'
import { problem, RequestError } from '../base/problem'

const isOwn = (origin: string, url: string): boolean => origin === new URL(url).origin

/**
 * Refuses what another site sends, whatever its type: forms alone would leave out what a script can
 * send with leave of a browser that knows no better.
 */
export const refuseForeign: MiddlewareHandler = async ({ req }, next) => {
  const origin = req.header('origin')
  const isReading = req.method === 'GET' || req.method === 'HEAD'
  if (isReading || origin === undefined || isOwn(origin, req.url)) return next()
  const message = 'This came from another site.'
  throw new RequestError(403, [problem('origin_not_allowed', 'origin', message)])
}
