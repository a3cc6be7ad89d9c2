import { Hono } from 'hono'
import { eventsApi } from './events-api/routes'
import { firehose } from './firehose/routes'
import { mobileAnalytics } from './mobile-analytics/routes'
import { webSdkConfig } from './mparticle-web/config-routes'
import { webSdkEvents } from './mparticle-web/event-routes'
import { identity } from './mparticle-web/identity-routes'
import type { HonoEnv } from './upload/request'
import { weirSdk } from './weir/routes'

/** The routes of all dialects, in which events come in. */
export const inputs = new Hono<HonoEnv>()

inputs.route('/', weirSdk)
inputs.route('/', webSdkEvents)
inputs.route('/', webSdkConfig)
inputs.route('/', identity)
inputs.route('/', eventsApi)
inputs.route('/', mobileAnalytics)
inputs.route('/', firehose)
