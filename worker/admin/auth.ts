import type { MiddlewareHandler } from 'hono'
import { type Bindings, requireSecret } from '../config/deployment'
import { problem, RequestError } from '../problem'

const digest = (text: string): Promise<ArrayBuffer> =>
  crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))

/** Compares without telling by its time how much of the two is alike, their lengths included. */
export const isSameSecret = async (given: string, secret: string): Promise<boolean> =>
  crypto.subtle.timingSafeEqual(await digest(given), await digest(secret))

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
