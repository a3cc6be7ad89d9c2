import type { Bindings } from '../../../worker/config/deployment'
import app, * as worker from '../../../worker/index'
import { counted, counts, held } from './counting.mjs'
import { fill } from './fill.mjs'

// The worker as it is, with its objects' rows and requests counted, and ways to ask and to fill.
export const Workspace = counted(worker.Workspace, 'Workspace')
export const Profile = counted(worker.Profile, 'Profile')
export const Outbox = counted(worker.Outbox, 'Outbox')
export const Directory = counted(worker.Directory, 'Directory')
export const RateLimit = counted(worker.RateLimit, 'RateLimit')

const answer = (value: unknown): Response => new Response(JSON.stringify(value))

const reset = (): Response => {
  for (const name of Object.keys(counts)) delete counts[name]
  Object.assign(held, { most: 0, mostInCalls: 0, mostFromRows: 0 })
  return answer({})
}

export default {
  fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/_bench/counts') return answer({ counts, held })
    if (pathname === '/_bench/reset') return reset()
    if (pathname === '/_bench/fill') return fill(env, searchParams)
    return app.fetch(request, env, context)
  },
} satisfies ExportedHandler<Bindings>
