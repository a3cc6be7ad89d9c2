import { Hono } from 'hono'
import { webSdkConfig as configOf } from '../../dialects/mparticle-web/config'
import { defaultWebSdk } from '../../dialects/mparticle-web/settings'
import { caseInsensitive } from '../case-insensitive'
import { allowPages } from '../cors'
import { limitRequests } from '../upload/limits'
import { openIfReachable } from '../upload/open-input'
import { readBodyOrReject } from '../upload/read-body'
import type { HonoEnv } from '../upload/request'

/** The configuration of mParticle's web SDK, and the statistics that it sends. */
export const webSdkConfig = new Hono<HonoEnv>()

const tags = caseInsensitive('tags')
const js = caseInsensitive('js')

webSdkConfig.use(`/${tags}/*`, allowPages)

webSdkConfig.get(`/${tags}/${js}/v2/:key/${caseInsensitive('config')}`, async (context) => {
  const key = context.req.param('key')
  const request = await openIfReachable(context, key)
  const { app_name, name, web_sdk } = request?.input ?? {}
  const config = configOf({ key, name: app_name || name, ...(web_sdk ?? defaultWebSdk()) })
  return context.json(config, 200, { 'cache-control': request ? 'max-age=300' : 'no-store' })
})

// Statistics of integrations that run in the page (kits). weir has no use for them, but answers, so
// that the SDK does not fail.
for (const version of ['v1', 'v2']) {
  const forwarding = caseInsensitive('forwarding')
  const path = `/${caseInsensitive('webevents')}/${version}/${js}/:key/${forwarding}` as const
  webSdkConfig.post(path, async (context) => {
    const request = await openIfReachable(context, context.req.param('key'))
    if (request) {
      await limitRequests(request, context.req.raw)
      await readBodyOrReject(context, request, { isUnauthenticated: true })
    }
    return context.body(null, 202)
  })
}
