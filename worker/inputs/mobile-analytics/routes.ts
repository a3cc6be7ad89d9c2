import { Hono } from 'hono'
import type { HonoEnv } from '../receiving'

export const mobileAnalytics = new Hono<HonoEnv>()
