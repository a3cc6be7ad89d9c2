import type { Bindings } from '../../../worker/config/deployment'
import app, * as worker from '../../../worker/index'
import { fill } from './fill.mjs'

// The worker as it is, with a way to fill an outbox.
export const { Workspace, Profile, Outbox, Directory, RateLimit } = worker

export default {
  fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url)
    return pathname === '/_bench/fill' ? fill(env, searchParams) : app.fetch(request, env, context)
  },
} satisfies ExportedHandler<Bindings>
