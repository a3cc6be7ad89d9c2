import { type Bindings, objectsOf } from '../config/deployment'
import type { Input } from '../config/input'
import { askLimit } from './asking'
import { chargeQuota, dayOf, newQuotaLease, type QuotaLease, settleQuota } from './quota'

const leases = new Map<string, QuotaLease>()

const leaseOf = (input: string, day: number, limit: number): QuotaLease => {
  const known = leases.get(input)
  return known?.day === day && known.limit === limit ? known : newQuotaLease(day, limit)
}

/** Counts events against an input's `events_per_day`: all of them, or none when they do not fit. */
export const allowEvents = async (
  env: Bindings,
  { id, limits }: Input,
  events: number
): Promise<boolean> => {
  const limit = limits?.events_per_day
  if (limit === undefined || events === 0) return true
  const now = Date.now()
  const { lease, charge } = chargeQuota(leaseOf(id, dayOf(now), limit), events, now)
  leases.set(id, lease)
  if (typeof charge === 'string') return charge === 'granted'
  const object = objectsOf(env).RATE_LIMIT.getByName(id)
  const granted = await askLimit(now, () => object.askQuota(charge))
  if (granted === undefined) return true
  leases.set(id, settleQuota(leaseOf(id, charge.day, limit), { events, now }, granted))
  return granted >= events
}
