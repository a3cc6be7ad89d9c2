import { Hono } from 'hono'
import { webSdkConfig } from '../dialects/mparticle-web/config'
import { defaultWebSdk } from '../dialects/mparticle-web/settings'
import { limitRequests } from './admission'
import { word } from './case-insensitive'
import { allowPages } from './cors'
import { type HonoEnv, openIfReachable, readOrReject } from './receiving'

/** What the mParticle web SDK asks for besides taking events and telling who the user is. */
export const webSdk = new Hono<HonoEnv>()

webSdk.use(`/${word('tags')}/*`, allowPages)

webSdk.get(`/${word('tags')}/${word('js')}/v2/:key/${word('config')}`, async (context) => {
  const key = context.req.param('key')
  const accepting = await openIfReachable(context, key)
  const { app_name, name, web_sdk } = accepting?.input ?? {}
  const config = webSdkConfig({ key, name: app_name || name, ...(web_sdk ?? defaultWebSdk()) })
  return context.json(config, 200, { 'cache-control': accepting ? 'max-age=300' : 'no-store' })
})

// Statistics of integrations that run in the page. Of these weir has none, but it must not be in
// the way of a page that has.
for (const version of ['v1', 'v2']) {
  const path = `/${word('webevents')}/${version}/${word('js')}/:key/${word('forwarding')}` as const
  webSdk.post(path, async (context) => {
    const accepting = await openIfReachable(context, context.req.param('key'))
    if (accepting) {
      await limitRequests(accepting, context.req.raw)
      await readOrReject(context, accepting, { isAnybodys: true })
    }
    return context.body(null, 202)
  })
}
