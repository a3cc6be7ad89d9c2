import type { MiddlewareHandler } from 'hono'
import { problem, RequestError } from '../base/problem'
import type { AdminEnv } from './request'
import { nameOfToken } from './tokens'

const acting = new WeakMap<Request, string>()

/** Lets a request of the worker's own pass, for somebody who has signed in. */
export const actAs = (request: Request, who: string): void => {
  acting.set(request, who)
}

const bearer = /^Bearer (.+)$/i

/** Lets only bearers of an admin token pass, and notes who they are. */
export const requireAdmin: MiddlewareHandler<AdminEnv> = async (context, next) => {
  const { env, req } = context
  const given = bearer.exec(req.header('authorization') ?? '')?.[1] ?? ''
  // Nobody outside can be in there: it knows the requests themselves, not what they say.
  const who = acting.get(req.raw) ?? (await nameOfToken(env, given))
  if (who === undefined) {
    const message = 'Send the admin token: Authorization: Bearer TOKEN.'
    throw new RequestError(401, [problem('unauthorized', 'authorization', message)], {
      'www-authenticate': 'Bearer',
    })
  }
  context.set('who', who)
  await next()
}
