import type { Outcome } from '../../delivery'
import type { FileTarget, WaitingLane } from '../../outputs/target'
import { fileText } from '../store/message'
import type { PlannedFile } from '../store/planned-files'
import type { OutboxStore } from '../store/store'

interface How {
  isDue: (lane: WaitingLane) => boolean
  /** Whether the rows were deleted meanwhile. */
  isStopped: () => boolean
}

/**
 * Writes the next file: a planned one, else one of a lane that is due. A file is planned, with its
 * key, before it is first written, so that a retry overwrites it.
 *
 * @returns the outcome, or undefined when no file is due
 */
export const drainFile = async (
  store: OutboxStore,
  target: FileTarget,
  { isDue, isStopped }: How
): Promise<Outcome | undefined> => {
  const file = store.files.list()[0] ?? planDueFile(store, target, isDue)
  if (!file) return undefined
  const outcome = await target.put(file.key, store.segments.bodies(file.segments).map(fileText))
  if (isStopped()) return undefined
  if (outcome.kind === 'delivered') store.fileDelivered(file, Date.now())
  if (outcome.kind === 'reject') store.segmentsDead(file.segments, outcome.reason, Date.now())
  return outcome
}

const planDueFile = (
  store: OutboxStore,
  target: FileTarget,
  isDue: How['isDue']
): PlannedFile | undefined => {
  for (const [lane, waiting] of store.segments.lanes) {
    if (!isDue(waiting)) continue
    const key = target.fileKey(lane, { ms: Date.now(), random: Math.random })
    return store.planFile(lane, key, target.file_bytes)
  }
  return undefined
}
