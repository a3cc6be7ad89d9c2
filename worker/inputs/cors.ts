import type { MiddlewareHandler } from 'hono'

/** The headers that let any page read an answer. Inputs restrict origins by refusing, not by hiding. */
export const corsHeaders = (): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-mp-max-age, retry-after',
})

/**
 * Makes every answer of a route readable to a page, errors included, and answers preflights:
 * without these headers the mParticle SDK sends the same batch again and again.
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
  // Before the answer is made: afterwards it would be made a second time.
  for (const [name, value] of Object.entries(corsHeaders())) context.header(name, value)
  return next()
}
