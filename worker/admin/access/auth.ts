import type { MiddlewareHandler } from 'hono'
import { problem, RequestError } from '../../base/problem'
import type { AdminEnv } from '../request'
import { nameOfToken } from './tokens'

const trusted = new WeakMap<Request, string>()

/** Authorizes a request that the worker made itself, as the person who has signed in. */
export const actAs = (request: Request, who: string): void => {
  trusted.set(request, who)
}

const bearer = /^Bearer (.+)$/i

/** Refuses requests without an admin token; sets `who` to the token's name. */
export const requireAdmin: MiddlewareHandler<AdminEnv> = async (context, next) => {
  const { env, req } = context
  const token = bearer.exec(req.header('authorization') ?? '')?.[1] ?? ''
  // Keyed by the request object, which no client can make, not by anything that it contains.
  const who = trusted.get(req.raw) ?? (await nameOfToken(env, token))
  if (who === undefined) {
    const message = 'Send the admin token: Authorization: Bearer TOKEN.'
    throw new RequestError(401, [problem('unauthorized', 'authorization', message)], {
      'www-authenticate': 'Bearer',
    })
  }
  context.set('who', who)
  await next()
}
