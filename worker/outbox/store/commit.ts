import { failure, log } from '../../base/log'
import type { EnqueueAnswer, HandOff } from '../../delivery'
import type { OutboxStore } from './store'

const tryCommit = (store: OutboxStore, name: string, handOffs: HandOff[]): EnqueueAnswer => {
  try {
    store.commit(name, handOffs, Date.now())
    return { taken: true }
  } catch (error) {
    const fields = { outbox: name, hand_offs: handOffs.length, ...failure(error) }
    log('error', 'A commit failed; the profiles keep their events.', fields)
    return { taken: false, reason: 'storage' }
  }
}

/** Stores hand-offs in one transaction, or, where that fails, each in one of its own. */
export const commitAll = (
  store: OutboxStore,
  name: string,
  handOffs: HandOff[]
): Map<HandOff, EnqueueAnswer> => {
  const together = tryCommit(store, name, handOffs)
  // One that cannot be stored must not take its neighbours along.
  const isApart = !together.taken && handOffs.length > 1
  return new Map(handOffs.map((one) => [one, isApart ? tryCommit(store, name, [one]) : together]))
}
