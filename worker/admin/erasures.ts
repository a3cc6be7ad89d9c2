import { Hono } from 'hono'
import { identityTypes, readIdentities } from '../batch'
import { type Bindings, objectsOf, requireSecret } from '../config/deployment'
import { readStored } from '../config/snapshot'
import { directoryShard } from '../directory/directory'
import { mpidOfUser, readMpid } from '../inputs/mpid'
import { exactText, isObject, type Json, type JsonObject } from '../json'
import type { ErasedUser } from '../outbox/erased-users'
import type { ErasedDeliveries } from '../outbox/erasure'
import { problem, RequestError } from '../problem'
import { type AdminEnv, readExactJson } from './answers'
import { outboxesOf } from './shards'

/** What was erased of one mpid; all zero and false when there was nothing. */
export interface Erased extends ErasedDeliveries {
  mpid: string
  profile: boolean
  /** Uploads that not all connections had. */
  uploads: number
  /** Whether the directory knew it, as a profile or as a member. */
  directory: boolean
}

const refuse = (path: string, message: string): RequestError =>
  new RequestError(422, [problem('invalid', path, message)])

const knownFields = ['mpid', 'user_identities', 'mp_deviceid']

const givenIdentities = (given: Json | undefined): [string, string][] => {
  if (given === undefined) return []
  if (!isObject(given)) throw refuse('user_identities', 'user_identities must be an object.')
  return Object.entries(readIdentities(given)).map(([type, identity]) => {
    const path = `user_identities.${type}`
    if (identity === null) throw refuse(path, `${path} must not be empty.`)
    if (!identityTypes.includes(type)) throw refuse(path, `${type} is no type of identity.`)
    return [type, identity]
  })
}

/**
 * The mpids under which somebody's events may have come in: a given one, and those that are derived
 * from each identity and from the device, since any of them may have been the best that was known.
 */
const candidates = async (env: Bindings, given: JsonObject): Promise<string[]> => {
  const key = () => requireSecret(env, 'IDENTITY_KEY')
  const mpid = readMpid(given.mpid)
  if (given.mpid !== undefined && mpid === undefined) {
    throw refuse('mpid', 'mpid must be a 64-bit integer.')
  }
  const device = exactText(given.mp_deviceid)
  if (device !== undefined && (typeof device !== 'string' || device === '')) {
    throw refuse('mp_deviceid', 'mp_deviceid must be text that is not empty.')
  }
  const derived = await Promise.all([
    ...givenIdentities(given.user_identities).map(([type, identity]) =>
      mpidOfUser({ user_identities: { [type]: identity } }, key)
    ),
    ...(device === undefined ? [] : [mpidOfUser({ mp_deviceid: device }, key)]),
  ])
  return [...new Set([mpid, ...derived].filter((one) => one !== undefined))]
}

const readCandidates = async (env: Bindings, given: unknown): Promise<string[]> => {
  if (!isObject(given)) throw refuse('', 'An erasure must be an object.')
  const strange = Object.keys(given).find((name) => !knownFields.includes(name))
  if (strange !== undefined) throw refuse(strange, `${strange} is no field of an erasure.`)
  const mpids = await candidates(env, given)
  if (mpids.length === 0) throw refuse('', 'Send an mpid, user_identities or an mp_deviceid.')
  return mpids
}

const eraseDeliveries = async (
  env: Bindings,
  users: ErasedUser[]
): Promise<Record<string, ErasedDeliveries>[]> => {
  const { file } = await readStored(env)
  const outboxes = file.connections.flatMap((one) => outboxesOf(env, one))
  return Promise.all(outboxes.map((outbox) => outbox.erase(users)))
}

/**
 * Erases users: what is known of them, what waits of them, what is counted of them. What was
 * delivered lies with its receivers and is not touched. The profiles go first, so that nothing more
 * comes of them, and the directory last; whoever is told of a failure repeats the whole.
 */
const erase = async (env: Bindings, mpids: string[]): Promise<Erased[]> => {
  const { PROFILE, DIRECTORY } = objectsOf(env)
  const profiles = await Promise.all(
    mpids.map(async (mpid) => ({ mpid, ...(await PROFILE.getByName(mpid).erase()) }))
  )
  const outboxes = await eraseDeliveries(
    env,
    profiles.map(({ mpid, at_ms }) => ({ mpid, at_ms }))
  )
  return Promise.all(
    profiles.map(async ({ mpid, profile, uploads }) => {
      const directory = await DIRECTORY.getByName(directoryShard(mpid)).remove(mpid)
      await PROFILE.getByName(mpid).registerAgain()
      const sum = (count: keyof ErasedDeliveries) =>
        outboxes.reduce((total, one) => total + (one[mpid]?.[count] ?? 0), 0)
      const [deliveries, dead_letters] = [sum('deliveries'), sum('dead_letters')]
      return { mpid, profile, uploads, deliveries, dead_letters, directory }
    })
  )
}

export const erasureRoutes = new Hono<AdminEnv>()

erasureRoutes.post('/erasures', async (context) => {
  const { env } = context
  const mpids = await readCandidates(env, await readExactJson(context))
  return context.json({ erased: await erase(env, mpids) })
})
