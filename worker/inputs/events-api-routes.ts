import { Hono } from 'hono'
import type { HonoEnv } from './receiving'

export const eventsApi = new Hono<HonoEnv>()
