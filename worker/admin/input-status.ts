import { Hono } from 'hono'
import { objectsOf } from '../config/deployment'
import { readStored } from '../config/snapshot'
import { dayOf } from '../rates/quota'
import type { InputStatus } from './answers/inputs'
import { type AdminEnv, notFound } from './request'

/** What an input dropped, flagged and refused, and how much of its quota is used. */
export const inputStatusRoutes = new Hono<AdminEnv>()

inputStatusRoutes.get('/inputs/:id/status', async ({ env, req, json }) => {
  const id = req.param('id')
  const { file } = await readStored(env)
  const input = file.inputs.find((input) => input.id === id)
  if (!input) throw notFound('inputs', id)
  const { last_seen_ms, quota, tally } = await objectsOf(env).RATE_LIMIT.getByName(id).status()
  const limit = input.limits?.events_per_day
  const today = dayOf(Date.now())
  return json<InputStatus>({
    id,
    last_seen_ms: last_seen_ms ?? null,
    ...(limit === undefined
      ? {}
      : { quota: { events_per_day: limit, used: quota?.day === today ? quota.used : 0 } }),
    counts: tally ?? { total: {}, days: {} },
  })
})
