import { type Bindings, objectsOf } from '../config/deployment'
import type { Input } from '../config/input'
import { askLimit } from './asking'
import { type Allowed, charge, type Lease, newLease, settleLease } from './lease'

const leases = new Map<string, Lease>()
// Set at first use: workerd allows no random values while a module loads.
let isolateId: string | undefined

/**
 * Counts batches against an input's `batches_per_second`. Each isolate leases what it expects to
 * need, so that most calls need no request to the input's object.
 *
 * @returns undefined when the input has no limit, or its object cannot be reached: everything is
 *   let in then, since losing all events would be worse than exceeding a limit
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
  isolateId ??= crypto.randomUUID()
  const name = isolateId
  const { ahead } = charged
  const object = objectsOf(env).RATE_LIMIT.getByName(id)
  const answer = await askLimit(at_ms, () => object.ask(name, { per_second, batches, ahead }))
  if (!answer) return undefined
  const settled = settleLease(leases.get(id) ?? lease, { batches, ahead, at_ms }, answer)
  leases.set(id, settled.lease)
  return settled.allowed
}
