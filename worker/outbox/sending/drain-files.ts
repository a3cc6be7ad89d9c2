import type { Outcome } from '../../delivery'
import { fileKey, putObject } from '../../outputs/s3'
import { fileText } from '../store/message'
import type { PlannedFile } from '../store/planned-files'
import type { LaneState } from '../store/segments'
import type { OutboxStore } from '../store/store'
import type { Target } from './target'

type FileTarget = Target & { kind: 's3' }

/** When a lane's next file is written, ms: 0 as soon as it is full. */
export const laneDueMs = (
  lane: LaneState,
  { file_seconds, file_bytes }: Pick<FileTarget, 'file_seconds' | 'file_bytes'>
): number => (lane.bytes >= file_bytes ? 0 : lane.opened_ms + file_seconds * 1000)

/**
 * Writes the next file: one that was begun, else one of a lane that is due.
 *
 * @param isStopped whether the rows have gone meanwhile
 * @returns the outcome, or undefined when no file is due
 */
export const drainFile = async (
  store: OutboxStore,
  target: FileTarget,
  isStopped: () => boolean
): Promise<Outcome | undefined> => {
  const file = store.files.list()[0] ?? planDue(store, target)
  if (!file) return undefined
  const body = await fileBody(store, file)
  const outcome = await putObject(target, file.key, body)
  if (isStopped()) return undefined
  if (outcome.kind === 'delivered') store.fileDelivered(file, Date.now())
  if (outcome.kind === 'reject') store.segmentsDead(file.segments, outcome.reason, Date.now())
  return outcome
}

const planDue = (store: OutboxStore, target: FileTarget): PlannedFile | undefined => {
  const now = Date.now()
  for (const [lane, state] of store.segments.lanes) {
    if (laneDueMs(state, target) > now) continue
    const key = fileKey(lane, target.connection, { ms: now, random: Math.random })
    return store.planFile(lane, key, target.file_bytes)
  }
  return undefined
}

// The key was chosen with its ending, and the setting may have changed since.
const fileBody = async (
  store: OutboxStore,
  file: PlannedFile
): Promise<Uint8Array<ArrayBuffer>> => {
  const text = new Blob(store.segments.bodies(file.segments).map(fileText))
  const stream = file.key.endsWith('.gz')
    ? text.stream().pipeThrough(new CompressionStream('gzip'))
    : text.stream()
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
