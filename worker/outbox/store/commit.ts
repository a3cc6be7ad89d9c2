import { failure, log } from '../../base/log'
import type { EnqueueAnswer, HandOff } from '../../delivery'
import type { OutboxStore } from './store'

const tryCommit = (store: OutboxStore, name: string, handOffs: HandOff[]): EnqueueAnswer => {
  try {
    store.commit(name, handOffs, Date.now())
    return { taken: true }
  } catch (error) {
    const fields = { outbox: name, hand_offs: handOffs.length, ...failure(error) }
    log('error', 'Deliveries could not be stored; profiles enqueue them again.', fields)
    return { taken: false, reason: 'storage' }
  }
}

/** Stores hand-offs in one transaction or, if that fails, each in its own. */
export const commitAll = (
  store: OutboxStore,
  name: string,
  handOffs: HandOff[]
): Map<HandOff, EnqueueAnswer> => {
  const together = tryCommit(store, name, handOffs)
  // A hand-off that cannot be stored must not make the others fail.
  const isApart = !together.taken && handOffs.length > 1
  return new Map(
    handOffs.map((handOff) => [handOff, isApart ? tryCommit(store, name, [handOff]) : together])
  )
}
