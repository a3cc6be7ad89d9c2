import type { ExecutionContext } from 'hono'
import type { Bindings } from '../../config/deployment'
import { admin } from '../routes'
import { actAs } from './auth'

/** What a request that the worker makes itself runs in. */
export interface Acting {
  env: Bindings
  ctx: ExecutionContext
}

/**
 * Calls the admin API as a person who has signed in to the console, without a token.
 *
 * @param request made by the worker, never one that came in; its path begins with `/admin/v1/`
 */
export const adminAs = async (
  { env, ctx }: Acting,
  who: string,
  request: Request
): Promise<Response> => {
  actAs(request, who)
  return admin.fetch(request, env, ctx)
}
