import { Hono } from 'hono'
import { exactText, isObject, type Json, type JsonObject } from '../../base/json'
import { problem, RequestError } from '../../base/problem'
import { identityTypes, readIdentities } from '../../batch'
import { readMpid } from '../../dialects/mpid'
import { eraseUsers, type Subject } from '../../erasures/erase'
import type { Regulation } from '../../erasures/requests'
import type { Erasure } from '../answers/profiles'
import { type AdminEnv, readExactJson } from '../request'

const refuse = (path: string, message: string): RequestError =>
  new RequestError(422, [problem('invalid', path, message)])

const knownFields = ['mpid', 'user_identities', 'mp_deviceid', 'regulation']
const regulations: readonly Regulation[] = ['gdpr', 'ccpa', 'unknown']

const identitiesIn = (identities: Json | undefined): [string, string][] => {
  if (identities === undefined) return []
  if (!isObject(identities)) {
    throw refuse('user_identities', 'user_identities must be an object.')
  }
  return Object.entries(readIdentities(identities)).map(([type, identity]) => {
    const path = `user_identities.${type}`
    if (identity === null) throw refuse(path, `${path} must not be empty.`)
    if (!identityTypes.includes(type)) throw refuse(path, `${type} is not an identity type.`)
    return [type, identity]
  })
}

/** @throws RequestError 422 unless the body names a user */
export const readSubject = (body: JsonObject): Subject => {
  const mpid = readMpid(body.mpid)
  if (body.mpid !== undefined && mpid === undefined) {
    throw refuse('mpid', 'mpid must be a 64-bit integer.')
  }
  const device = exactText(body.mp_deviceid)
  if (device !== undefined && (typeof device !== 'string' || device === '')) {
    throw refuse('mp_deviceid', 'mp_deviceid must be text and not empty.')
  }
  const identities = identitiesIn(body.user_identities)
  if (mpid === undefined && device === undefined && identities.length === 0) {
    throw refuse('', 'Send an mpid, user_identities or an mp_deviceid.')
  }
  return {
    identities: Object.fromEntries(identities),
    ...(mpid === undefined ? {} : { mpids: [mpid] }),
    ...(device === undefined ? {} : { mp_deviceid: device }),
  }
}

const readRegulation = ({ regulation = 'unknown' }: JsonObject): Regulation => {
  const known = regulations.find((name) => name === regulation)
  if (known) return known
  throw refuse('regulation', `regulation must be one of ${regulations.join(', ')}.`)
}

const readErasure = (body: Json): { subject: Subject; regulation: Regulation } => {
  if (!isObject(body)) throw refuse('', 'An erasure must be an object.')
  const unknown = Object.keys(body).find((name) => !knownFields.includes(name))
  if (unknown !== undefined) throw refuse(unknown, `${unknown} is not a field of an erasure.`)
  return { subject: readSubject(body), regulation: readRegulation(body) }
}

export const erasureRoutes = new Hono<AdminEnv>()

erasureRoutes.post('/erasures', async (context) => {
  const { subject, regulation } = readErasure(await readExactJson(context))
  return context.json<Erasure>(await eraseUsers(context.env, subject, { regulation }))
})
