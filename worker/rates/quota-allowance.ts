import { type Bindings, objectsOf } from '../config/deployment'
import type { Input } from '../config/input'
import { askLimit } from './asking'
import { chargeQuota, dayOf, newQuotaLease, type QuotaLease, settleQuota } from './quota'

const leases = new Map<string, QuotaLease>()

const leaseOf = (input: string, day: number, limit: number): QuotaLease => {
  const known = leases.get(input)
  return known?.day === day && known.limit === limit ? known : newQuotaLease(day, limit)
}

/** Whether so many events still fit into what an input takes on this day, all or none. */
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
  if (typeof charge === 'string') return charge === 'taken'
  const object = objectsOf(env).RATE_LIMIT.getByName(id)
  const granted = await askLimit(now, () => object.askQuota(charge))
  if (granted === undefined) return true
  leases.set(id, settleQuota(leaseOf(id, charge.day, limit), { events, now }, granted))
  return granted >= events
}
