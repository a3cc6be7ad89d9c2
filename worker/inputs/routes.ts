import { Hono } from 'hono'
import { eventsApi } from './events-api-routes'
import { firehose } from './firehose/routes'
import { identity } from './identity-routes'
import { mobileAnalytics } from './mobile-analytics/routes'
import { pages } from './page-routes'
import type { HonoEnv } from './receiving'
import { webSdk } from './web-sdk-routes'

/** Where events come in, in all dialects. */
export const inputs = new Hono<HonoEnv>()

inputs.route('/', pages)
inputs.route('/', webSdk)
inputs.route('/', identity)
inputs.route('/', eventsApi)
inputs.route('/', mobileAnalytics)
inputs.route('/', firehose)
