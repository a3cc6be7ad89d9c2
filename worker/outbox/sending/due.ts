import { bulkOf } from '../../outputs/firehose/bulk'
import type { LaneState } from '../store/segments'
import { laneDueMs } from './drain-files'
import { queueDueMs } from './queue-sender'
import { requestDueMs } from './request-sender'
import type { Candidate } from './target'

/** When what waits in a lane is due, ms; 0: now. */
export const dueMs = (candidate: Candidate, lane: string, state: LaneState): number => {
  const { output, settings, isOfAudiences } = candidate
  if (output.kind === 'firehose') {
    const bulk = isOfAudiences && output.registration ? bulkOf(output.registration) : undefined
    return requestDueMs(state, bulk)
  }
  if (lane === '') return queueDueMs(state)
  return laneDueMs(state, {
    file_seconds: Number(settings.file_seconds ?? 60),
    file_bytes: Number(settings.file_bytes ?? 8_388_608),
  })
}
