import { type Bindings, objectsOf } from '../config/deployment'
import type { Input } from '../config/input'
import { askLimit } from './asking'
import { chargeMinute, type MinuteLease, minuteOf, newMinuteLease, settleMinute } from './minute'

const leases = new Map<string, MinuteLease>()
const maxLeases = 50_000
let minuteOfLeases = 0

const leaseOf = (name: string, minute: number, free: number): MinuteLease => {
  if (minute !== minuteOfLeases || leases.size >= maxLeases) leases.clear()
  minuteOfLeases = minute
  return leases.get(name) ?? newMinuteLease(minute, free)
}

type Ask = (request: {
  minute: number
  limit: number
  unreported: number
  wanted: number
}) => Promise<number>

interface MinuteLimit {
  /** Of the input, or of the input and an address. */
  name: string
  limit: number
  /** How many requests an isolate grants before it asks. */
  free: number
  ask: Ask
}

const allow = async ({ name, limit, free, ask }: MinuteLimit): Promise<boolean> => {
  const now = Date.now()
  const { lease, charge } = chargeMinute(leaseOf(name, minuteOf(now), free), limit)
  leases.set(name, lease)
  if (typeof charge === 'string') return charge === 'granted'
  const granted = await askLimit(now, () => ask(charge))
  if (granted === undefined) return true
  leases.set(name, settleMinute(leases.get(name) ?? lease, granted))
  return granted > 0
}

/** Counts a request against an input's `requests_per_minute`. */
export const allowRequest = async (env: Bindings, { id, limits }: Input): Promise<boolean> => {
  const limit = limits?.requests_per_minute
  if (limit === undefined) return true
  const object = objectsOf(env).RATE_LIMIT.getByName(id)
  const ask: Ask = (request) => object.askMinute('', request)
  return allow({ name: id, limit, free: Math.floor(limit / 50), ask })
}

/** Cloudflare's rate limiting binding, whose limit is set at deployment. */
interface AddressLimiter {
  limit: (options: { key: string }) => Promise<{ success: boolean }>
}

const limiterOf = (env: Bindings): AddressLimiter | undefined => {
  const { ADDRESS_LIMIT }: Bindings & { ADDRESS_LIMIT?: AddressLimiter } = env
  return ADDRESS_LIMIT
}

/**
 * Counts a request against an input's `requests_per_minute_per_address`. An isolate grants a
 * quarter of the limit without asking, which is more than most addresses need.
 *
 * @param address its hash, hex
 */
export const allowAddress = async (
  env: Bindings,
  { id, limits }: Input,
  address: string
): Promise<boolean> => {
  const limit = limits?.requests_per_minute_per_address
  if (limit === undefined) return true
  const name = `${id} ${address}`
  const limiter = limiterOf(env)
  const object = objectsOf(env).RATE_LIMIT.getByName(`${id}/${address.slice(0, 1)}`)
  // The binding answers for one request at a time, so there is nothing to lease.
  const ask: Ask = limiter
    ? async () => ((await limiter.limit({ key: name })).success ? 1 : 0)
    : (request) => object.askMinute(address, request)
  return allow({ name, limit, free: Math.max(1, Math.floor(limit / 4)), ask })
}
