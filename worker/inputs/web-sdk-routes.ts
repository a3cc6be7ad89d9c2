import { Hono } from 'hono'
import type { HonoEnv } from './receiving'

export const webSdk = new Hono<HonoEnv>()
