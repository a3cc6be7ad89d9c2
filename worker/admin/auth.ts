import type { MiddlewareHandler } from 'hono'
import { type Bindings, requireSecret } from '../config/deployment'
import { problem, RequestError } from '../problem'
import { isSameSecret } from '../same-secret'

/** Lets only bearers of `ADMIN_TOKEN` pass. */
export const requireAdmin: MiddlewareHandler<{ Bindings: Bindings }> = async (context, next) => {
  const token = requireSecret(context.env, 'ADMIN_TOKEN')
  const given = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1]
  if (given === undefined || !(await isSameSecret(given, token))) {
    throw new RequestError(
      401,
      [
        problem(
          'unauthorized',
          'authorization',
          'Send the admin token: Authorization: Bearer TOKEN.'
        ),
      ],
      { 'www-authenticate': 'Bearer' }
    )
  }
  await next()
}
