import type { ExecutionContext } from 'hono'
import type { Bindings } from '../config/deployment'
import { actAs } from './auth'
import { admin } from './routes'

/** Where an answer to a request of the worker's own is made. */
export interface Acting {
  env: Bindings
  ctx: ExecutionContext
}

/**
 * The admin API's answer to somebody who has signed in, without a token: for pages that the worker
 * serves. The request is the worker's own, never one that came in, and its path `/admin/v1/…`.
 */
export const adminAs = async (
  { env, ctx }: Acting,
  who: string,
  request: Request
): Promise<Response> => {
  actAs(request, who)
  return admin.fetch(request, env, ctx)
}
