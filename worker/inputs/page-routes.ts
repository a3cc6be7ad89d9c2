import { Hono } from 'hono'
import { type Problem, RequestError } from '../base/problem'
import { requireSecret } from '../config/deployment'
import { decodeBrowserBody } from '../dialects/batch-body'
import { decodeAlias } from '../dialects/mparticle-web/alias'
import { decodeWeirBody } from '../dialects/weir/body'
import { acceptAlias } from './accept'
import { word } from './case-insensitive'
import { allowPages } from './cors'
import {
  type HonoEnv,
  type InputContext,
  openForEvents,
  readGoverned,
  reject,
  takeBatch,
} from './receiving'

/** Where pages post events: mParticle's web SDK and weir's own. */
export const pages = new Hono<HonoEnv>()

const webevents = `/${word('webevents')}` as const

pages.use(`${webevents}/*`, allowPages)
pages.use('/in/*', allowPages)

pages.post(`${webevents}/v3/${word('js')}/:key/${word('events')}`, async (context) => {
  const accepting = await openForEvents(context, context.req.param('key'))
  if (!accepting) return context.body(null, 202)
  const text = await readGoverned(context, accepting)
  // 400 would make the mParticle SDK send it for ever, and 413 would make it drop the batches behind.
  if (text instanceof RequestError) return context.body(null, 202)
  const decoded = decodeBrowserBody(text)
  if ('problems' in decoded) {
    reject(context, accepting.input, {
      problems: decoded.problems,
      payload: text,
      isGoverned: true,
    })
    return context.body(null, 202)
  }
  await takeBatch(context, accepting, { checked: decoded.checked, text })
  return context.body(null, 202)
})

// weir's own SDK sets aside what is refused and reports it, so it is told the truth. The path is
// short and plain, since ad blockers know the usual ones.
pages.post('/in/:key', async (context) => {
  const accepting = await openForEvents(context, context.req.param('key'))
  if (!accepting) return context.body(null, 202)
  const text = await readGoverned(context, accepting)
  if (text instanceof RequestError) throw text
  const decoded = await decodeWeirBody(text, Date.now(), () =>
    requireSecret(context.env, 'IDENTITY_KEY')
  )
  if ('problems' in decoded) {
    reject(context, accepting.input, {
      problems: decoded.problems,
      payload: text,
      isGoverned: true,
    })
    throw new RequestError(400, decoded.problems)
  }
  if ('alias' in decoded) await acceptAlias(accepting, decoded.alias, decoded.text)
  else await takeBatch(context, accepting, { checked: decoded.checked, text })
  return context.body(null, 202)
})

pages.post(`${webevents}/v1/${word('identity')}/:key/${word('alias')}`, async (context) => {
  const accepting = await openForEvents(context, context.req.param('key'))
  if (!accepting) return context.body(null, 202)
  const text = await readGoverned(context, accepting)
  if (text instanceof RequestError) return refuseAlias(context, text.problems)
  const request = decodeAlias(text)
  if (!request.ok) {
    reject(context, accepting.input, {
      problems: request.problems,
      payload: text,
      isGoverned: true,
    })
    return refuseAlias(context, request.problems)
  }
  await acceptAlias(accepting, request.value, text)
  return context.body(null, 202)
})

// `code` and `message` are what the mParticle SDK hands to the page's callback, of a 400 only.
const refuseAlias = (context: InputContext, problems: Problem[]): Response =>
  context.json({ ...problems[0], errors: problems }, 400)
