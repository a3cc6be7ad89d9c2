import { Hono } from 'hono'
import { isObject, parseJson } from '../../base/json'
import { problem, RequestError } from '../../base/problem'
import { objectsOf } from '../../config/deployment'
import { findCandidates } from '../../erasures/candidates'
import type { Found } from '../answers/profiles'
import { type AdminEnv, readExactJson } from '../request'
import { readSubject } from './erasures'

export const findingRoutes = new Hono<AdminEnv>()

/** Takes `user_identities`, `mp_deviceid` or `mpid`, as erasures do. */
findingRoutes.post('/profiles/find', async (context) => {
  const body = await readExactJson(context)
  if (!isObject(body)) {
    throw new RequestError(422, [problem('invalid', '', 'A search must be an object.')])
  }
  const { env } = context
  const { mpids, more } = await findCandidates(env, readSubject(body))
  const descriptions = await Promise.all(
    mpids.map((mpid) => objectsOf(env).PROFILE.getByName(mpid).describe())
  )
  const profiles = descriptions.flatMap((text, i): Found['profiles'] => {
    const profile = text === undefined ? undefined : parseJson(text)
    const mpid = mpids[i]
    if (!isObject(profile) || mpid === undefined) return []
    return [{ mpid, last_ms: Number(profile.last_ms) }]
  })
  profiles.sort((a, b) => b.last_ms - a.last_ms)
  return context.json<Found>({ profiles, more })
})
