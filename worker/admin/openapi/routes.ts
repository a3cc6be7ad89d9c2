import { Hono } from 'hono'
import { problem, RequestError } from '../../base/problem'
import type { AdminEnv } from '../request'

/**
 * The OpenAPI document of the admin API. It is the same for every deployment, so it is written by
 * `npm run docs` and lies among the static files: the worker need not carry what makes it.
 */
export const openapiRoutes = new Hono<AdminEnv>()

openapiRoutes.get('/openapi.json', async ({ env, req }) => {
  const file = await env.ASSETS?.fetch(new URL('/openapi.json', req.url))
  if (file?.ok) return new Response(file.body, { headers: { 'content-type': 'application/json' } })
  const message = 'The document is not among the static files of this deployment.'
  throw new RequestError(503, [problem('unavailable', '', message)])
})
