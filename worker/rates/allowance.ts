import { type Bindings, objectsOf } from '../config/deployment'
import type { Input } from '../config/input'
import { askLimit } from './asking'
import { type Allowed, charge, type Lease, newLease, settleLease } from './lease'

const leases = new Map<string, Lease>()
// Made at first use: workerd allows no random values while a module loads.
let isolate: string | undefined

/**
 * Whether an input may take so many batches more; undefined when it has no limit. Isolates lease
 * what they expect to need, so that most calls ask nobody. While nobody can be asked, everything is
 * let in: a limit guards against too much, and losing all would be worse.
 */
export const allowBatches = async (
  env: Bindings,
  { id, batches_per_second: per_second }: Input,
  batches: number
): Promise<Allowed | undefined> => {
  if (per_second === undefined) return undefined
  const at_ms = Date.now()
  const { lease, charge: charged } = charge(leases.get(id) ?? newLease(), batches, at_ms)
  leases.set(id, lease)
  if (charged.kind !== 'ask') return charged
  isolate ??= crypto.randomUUID()
  const [asker, { ahead }] = [isolate, charged]
  const object = objectsOf(env).RATE_LIMIT.getByName(id)
  const answer = await askLimit(at_ms, () => object.ask(asker, { per_second, batches, ahead }))
  if (!answer) return undefined
  const settled = settleLease(leases.get(id) ?? lease, { batches, ahead, at_ms }, answer)
  leases.set(id, settled.lease)
  return settled.allowed
}
