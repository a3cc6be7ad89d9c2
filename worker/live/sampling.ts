import { failure, log } from '../base/log'
import { type Bindings, objectsOf } from '../config/deployment'
import { cacheWatched, isWanted, type Watched, watchedAt } from '../config/watched'
import { type LiveSample, samplesOf } from '../dialects/sample'
import type { Upload } from '../profiles/upload'

const flushEveryMs = 400
// Per isolate, some 50 a second, so that a flood of events does not flood the Live object.
const maxPerFlush = 20

let pending: LiveSample[] = []
let dropped = 0
// A time and not a flag: a flush that the platform aborts must not block all later ones.
let flushingUntilMs = 0

const flush = async (env: Bindings): Promise<void> => {
  await scheduler.wait(flushEveryMs)
  const samples = pending
  const count = dropped
  pending = []
  dropped = 0
  flushingUntilMs = 0
  try {
    const isWatched = await objectsOf(env).LIVE.getByName('live').show(samples, count)
    if (!isWatched) cacheWatched(undefined)
  } catch (error) {
    log('warn', 'Events could not be shown live.', failure(error))
  }
}

/** @returns whether any of the samples matches a filter */
const enqueue = ({ filters }: Watched, samples: LiveSample[]): boolean => {
  const matching = samples.filter((sample) => filters.some((filter) => isWanted(filter, sample)))
  const room = Math.max(0, maxPerFlush - pending.length)
  pending.push(...matching.slice(0, room))
  dropped += Math.max(0, matching.length - room)
  return matching.length > 0
}

interface Isolate {
  env: Bindings
  waitUntil: (promise: Promise<unknown>) => void
}

/** Shows the events of a stored upload to the pages that watch. Returns at once and never fails. */
export const showLive = ({ env, waitUntil }: Isolate, upload: Upload, mpid: string): void => {
  const now = Date.now()
  const watched = watchedAt(now)
  if (!watched) return
  const { input } = upload
  if (!watched.filters.some((filter) => isWanted(filter, { input, mpid }))) return
  try {
    if (!enqueue(watched, samplesOf(upload, mpid)) || now < flushingUntilMs) return
    flushingUntilMs = now + 10 * flushEveryMs
    waitUntil(flush(env))
  } catch (error) {
    // The upload is stored already, so its client must not send it again.
    log('warn', 'Events could not be shown live.', failure(error))
  }
}
