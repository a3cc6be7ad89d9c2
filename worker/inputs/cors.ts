import type { MiddlewareHandler } from 'hono'

/** Lets any page read the answer. An input restricts origins by refusing requests instead. */
export const corsHeaders = (): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-mp-max-age, retry-after',
})

/**
 * Answers preflights and puts the CORS headers on every answer of a route, errors included: without
 * them the mParticle SDK sends the same batch again and again.
 */
export const allowPages: MiddlewareHandler = async (context, next) => {
  if (context.req.method === 'OPTIONS') {
    return context.body(null, 204, {
      ...corsHeaders(),
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'content-type, accept, x-mp-key',
      'access-control-max-age': '86400',
    })
  }
  // Set before the handler runs: headers set afterwards would copy the response.
  for (const [name, value] of Object.entries(corsHeaders())) context.header(name, value)
  return next()
}
