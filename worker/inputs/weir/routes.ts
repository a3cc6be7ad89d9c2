import { Hono } from 'hono'
import { RequestError } from '../../base/problem'
import { requireSecret } from '../../config/deployment'
import { decodeWeirBody } from '../../dialects/weir/body'
import { allowPages } from '../cors'
import { acceptAlias } from '../upload/accept-alias'
import { acceptBatch } from '../upload/accept-batch'
import { openForUpload } from '../upload/open-input'
import { readRedactedBody } from '../upload/read-body'
import { reject } from '../upload/reject'
import type { HonoEnv } from '../upload/request'

/** weir's own SDK. */
export const weirSdk = new Hono<HonoEnv>()

weirSdk.use('/in/*', allowPages)

// A short path, since ad blockers know the usual ones. Unlike mParticle's SDK, this one is answered
// with the error: it drops what is refused and reports it to the page.
weirSdk.post('/in/:key', async (context) => {
  const request = await openForUpload(context, context.req.param('key'))
  if (!request) return context.body(null, 202)
  const text = await readRedactedBody(context, request)
  if (text instanceof RequestError) throw text
  const decoded = await decodeWeirBody(text, Date.now(), () =>
    requireSecret(context.env, 'IDENTITY_KEY')
  )
  if ('problems' in decoded) {
    const { problems } = decoded
    reject(request, { problems, payload: text, isRedacted: true })
    throw new RequestError(400, problems)
  }
  if ('alias' in decoded) await acceptAlias(request, decoded)
  else await acceptBatch(request, { checked: decoded.checked, text })
  return context.body(null, 202)
})
