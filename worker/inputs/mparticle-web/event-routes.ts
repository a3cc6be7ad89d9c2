import { Hono } from 'hono'
import { type Problem, RequestError } from '../../base/problem'
import { decodeBrowserBody } from '../../dialects/batch-body'
import { decodeAlias } from '../../dialects/mparticle-web/alias'
import { caseInsensitive } from '../case-insensitive'
import { allowPages } from '../cors'
import { acceptAlias } from '../upload/accept-alias'
import { acceptBatch } from '../upload/accept-batch'
import { openForUpload } from '../upload/open-input'
import { readRedactedBody } from '../upload/read-body'
import { reject } from '../upload/reject'
import type { HonoEnv, InputContext } from '../upload/request'

/** The uploads of mParticle's web SDK: batches and alias requests. */
export const webSdkEvents = new Hono<HonoEnv>()

const root = `/${caseInsensitive('webevents')}` as const
const eventsPath = `${root}/v3/${caseInsensitive('js')}/:key/${caseInsensitive('events')}` as const
const aliasPath =
  `${root}/v1/${caseInsensitive('identity')}/:key/${caseInsensitive('alias')}` as const

webSdkEvents.use(`${root}/*`, allowPages)

webSdkEvents.post(eventsPath, async (context) => {
  const request = await openForUpload(context, context.req.param('key'))
  if (!request) return context.body(null, 202)
  const text = await readRedactedBody(context, request)
  // On 400 the SDK would send it for ever, and on 413 drop the batches behind it.
  if (text instanceof RequestError) return context.body(null, 202)
  const decoded = decodeBrowserBody(text)
  if ('problems' in decoded) {
    reject(request, { problems: decoded.problems, payload: text, isRedacted: true })
    return context.body(null, 202)
  }
  await acceptBatch(request, { checked: decoded.checked, text })
  return context.body(null, 202)
})

webSdkEvents.post(aliasPath, async (context) => {
  const request = await openForUpload(context, context.req.param('key'))
  if (!request) return context.body(null, 202)
  const text = await readRedactedBody(context, request)
  if (text instanceof RequestError) return refuseAlias(context, text.problems)
  const alias = decodeAlias(text)
  if (!alias.ok) {
    reject(request, { problems: alias.problems, payload: text, isRedacted: true })
    return refuseAlias(context, alias.problems)
  }
  await acceptAlias(request, { alias: alias.value, text })
  return context.body(null, 202)
})

// The SDK hands `code` and `message` to the page's callback, and only those of a 400.
const refuseAlias = (context: InputContext, problems: Problem[]): Response =>
  context.json({ ...problems[0], errors: problems }, 400)
