import { decode } from 'hono/jwt'
import type { HonoJsonWebKey } from 'hono/utils/jwt/jws'
import { isObject } from '../base/json'
import { failure, log } from '../base/log'
import { problem, RequestError } from '../base/problem'

const keptMs = 3_600_000
// A key that nobody knows makes weir ask again, but not for each request that names one.
const askedAgainMs = 10_000

interface Kept {
  keys: HonoJsonWebKey[]
  at_ms: number
}

const kept = new Map<string, Kept>()

const isKey = (value: unknown): value is HonoJsonWebKey =>
  isObject(value) && value.kty === 'RSA' && typeof value.kid === 'string'

const unreachable = (team: string, why: string): RequestError => {
  const message = `The keys of Cloudflare Access could not be had: ${team} ${why}.`
  return new RequestError(503, [problem('no_access_keys', '', message)])
}

const fetchKeys = async (team: string): Promise<Kept> => {
  const init = { redirect: 'manual' } as const
  const answer = await fetch(`${team}/cdn-cgi/access/certs`, init).catch((cause: unknown) => {
    log('error', 'The keys of Cloudflare Access could not be fetched.', failure(cause))
    throw unreachable(team, 'did not answer')
  })
  if (!answer.ok) throw unreachable(team, `answered ${answer.status}`)
  const body: unknown = await answer.json()
  const given: unknown[] = isObject(body) && Array.isArray(body.keys) ? body.keys : []
  return { keys: given.filter(isKey), at_ms: Date.now() }
}

const isEnough = ({ keys, at_ms }: Kept, kid: unknown): boolean => {
  const age = Date.now() - at_ms
  return age < askedAgainMs || (age < keptMs && keys.some((one) => one.kid === kid))
}

/** The keys that a team's tokens are signed with, this token's among them where it is known. */
export const accessKeys = async (team: string, token: string): Promise<HonoJsonWebKey[]> => {
  const { header } = decode(token)
  const known = kept.get(team)
  const kid = 'kid' in header ? header.kid : undefined
  if (known && isEnough(known, kid)) return known.keys
  const fetched = await fetchKeys(team)
  kept.set(team, fetched)
  return fetched.keys
}
