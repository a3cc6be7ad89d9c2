import type { Mutex } from '../base/mutex'
import type { Bindings } from '../config/deployment'
import { Alerting } from './alerting'
import { Contact } from './integration/contact'
import { Condition } from './sending/condition'
import { Drain } from './sending/drain'
import type { OwnTarget } from './sending/target-cache'
import { OutboxStore } from './store/store'

export interface Surroundings {
  storage: DurableObjectStorage
  env: Bindings
  target: OwnTarget
  mutex: Mutex
  name: () => string | undefined
  waitUntil: (promise: Promise<unknown>) => void
  arm: () => Promise<void>
}

/** What works on the rows of an outbox. Made anew when all rows were deleted. */
export const makeParts = ({ storage, ...around }: Surroundings) => {
  const { env, target, mutex, name } = around
  const store = new OutboxStore(storage)
  const condition = new Condition(store, name)
  const contact = new Contact(storage.sql, condition, { env, name })
  const drain = new Drain({ env, store, condition, contact, target, mutex })
  const alerting = new Alerting({ ...around, store, condition })
  return { store, condition, contact, drain, alerting }
}
