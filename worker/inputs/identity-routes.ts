import { Hono } from 'hono'
import type { HonoEnv } from './receiving'

export const identity = new Hono<HonoEnv>()
