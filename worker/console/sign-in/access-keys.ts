import { decode } from 'hono/jwt'
import type { HonoJsonWebKey } from 'hono/utils/jwt/jws'
import { isObject } from '../../base/json'
import { failure, log } from '../../base/log'
import { problem, RequestError } from '../../base/problem'

const cacheMs = 3_600_000
// An unknown key id makes weir fetch the keys again, but at most this often.
const refetchMs = 10_000

interface FetchedKeys {
  keys: HonoJsonWebKey[]
  at_ms: number
}

const cache = new Map<string, FetchedKeys>()

const isKey = (value: unknown): value is HonoJsonWebKey =>
  isObject(value) && value.kty === 'RSA' && typeof value.kid === 'string'

const unreachable = (team: string, reason: string): RequestError => {
  const message = `The keys of Cloudflare Access could not be fetched: ${team} ${reason}.`
  return new RequestError(503, [problem('no_access_keys', '', message)])
}

const fetchKeys = async (team: string): Promise<FetchedKeys> => {
  const init = { redirect: 'manual' } as const
  const response = await fetch(`${team}/cdn-cgi/access/certs`, init).catch((cause: unknown) => {
    log('error', 'The keys of Cloudflare Access could not be fetched.', failure(cause))
    throw unreachable(team, 'did not answer')
  })
  if (!response.ok) throw unreachable(team, `answered ${response.status}`)
  const body: unknown = await response.json()
  const keys: unknown[] = isObject(body) && Array.isArray(body.keys) ? body.keys : []
  return { keys: keys.filter(isKey), at_ms: Date.now() }
}

const isUsable = ({ keys, at_ms }: FetchedKeys, kid: unknown): boolean => {
  const age = Date.now() - at_ms
  return age < refetchMs || (age < cacheMs && keys.some((key) => key.kid === kid))
}

/** The keys of a team, cached; fetched again when the token was signed with an unknown one. */
export const accessKeys = async (team: string, token: string): Promise<HonoJsonWebKey[]> => {
  const { header } = decode(token)
  const cached = cache.get(team)
  const kid = 'kid' in header ? header.kid : undefined
  if (cached && isUsable(cached, kid)) return cached.keys
  const fetched = await fetchKeys(team)
  cache.set(team, fetched)
  return fetched.keys
}
