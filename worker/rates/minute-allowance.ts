import { type Bindings, objectsOf } from '../config/deployment'
import type { Input } from '../config/input'
import { askLimit } from './asking'
import { chargeMinute, type MinuteLease, minuteOf, newMinuteLease, settleMinute } from './minute'

const leases = new Map<string, MinuteLease>()
const mostLeases = 50_000
let minuteOfLeases = 0

const leaseOf = (name: string, minute: number, free: number): MinuteLease => {
  if (minute !== minuteOfLeases || leases.size >= mostLeases) leases.clear()
  minuteOfLeases = minute
  return leases.get(name) ?? newMinuteLease(minute, free)
}

type Ask = (request: {
  minute: number
  limit: number
  untold: number
  wanted: number
}) => Promise<number>

interface Counted {
  name: string
  limit: number
  /** How many an isolate lets in by itself. */
  free: number
  ask: Ask
}

const allow = async ({ name, limit, free, ask }: Counted): Promise<boolean> => {
  const now = Date.now()
  const { lease, charge } = chargeMinute(leaseOf(name, minuteOf(now), free), limit)
  leases.set(name, lease)
  if (typeof charge === 'string') return charge === 'taken'
  const granted = await askLimit(now, () => ask(charge))
  if (granted === undefined) return true
  leases.set(name, settleMinute(leases.get(name) ?? lease, granted))
  return granted > 0
}

/** Whether an input may take one request more in this minute. */
export const allowRequest = async (env: Bindings, { id, limits }: Input): Promise<boolean> => {
  const limit = limits?.requests_per_minute
  if (limit === undefined) return true
  const object = objectsOf(env).RATE_LIMIT.getByName(id)
  const ask: Ask = (request) => object.askMinute('', request)
  return allow({ name: id, limit, free: Math.floor(limit / 50), ask })
}

/** What Cloudflare's rate limiting binding can do; its own limit is fixed when it is deployed. */
interface AddressLimiter {
  limit: (options: { key: string }) => Promise<{ success: boolean }>
}

const limiterOf = (env: Bindings): AddressLimiter | undefined => {
  const { ADDRESS_LIMIT }: Bindings & { ADDRESS_LIMIT?: AddressLimiter } = env
  return ADDRESS_LIMIT
}

/**
 * Whether an input may take one request more of an address in this minute. An isolate lets a
 * quarter of the limit in by itself, which is more than most addresses need.
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
  // The binding says yes or no to one at a time, so nothing is leased by it.
  const ask: Ask = limiter
    ? async () => ((await limiter.limit({ key: name })).success ? 1 : 0)
    : (request) => object.askMinute(address, request)
  return allow({ name, limit, free: Math.max(1, Math.floor(limit / 4)), ask })
}
