import { failure, log } from '../base/log'
import { type Bindings, objectsOf } from '../config/deployment'
import { cacheWatched, isWanted, type Watched, watchedAt } from '../config/watched'
import { type LiveSample, samplesOf } from '../dialects/sample'
import type { Upload } from '../profiles/upload'

const flushEveryMs = 400
// Of each isolate, so that watching a flood is not one: some 50 a second.
const mostPerFlush = 20

let waiting: LiveSample[] = []
let dropped = 0
// A time and not a flag: a flush that the platform cut off must not be the last one.
let flushingUntilMs = 0

const flush = async (env: Bindings): Promise<void> => {
  await scheduler.wait(flushEveryMs)
  const [samples, left] = [waiting, dropped]
  waiting = []
  dropped = 0
  flushingUntilMs = 0
  try {
    const isWatched = await objectsOf(env).LIVE.getByName('live').show(samples, left)
    if (!isWatched) cacheWatched(undefined)
  } catch (error) {
    log('warn', 'Events could not be shown live.', failure(error))
  }
}

const take = ({ filters }: Watched, samples: LiveSample[]): boolean => {
  const wanted = samples.filter((one) => filters.some((filter) => isWanted(filter, one)))
  const room = Math.max(0, mostPerFlush - waiting.length)
  waiting.push(...wanted.slice(0, room))
  dropped += Math.max(0, wanted.length - room)
  return wanted.length > 0
}

interface Place {
  env: Bindings
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined
}

/** Shows an upload that was stored to those who watch. Without any, it does nothing. */
export const showLive = ({ env, waitUntil }: Place, upload: Upload, mpid: string): void => {
  const now = Date.now()
  const watched = watchedAt(now)
  if (!watched || !waitUntil) return
  const { input } = upload
  if (!watched.filters.some((filter) => isWanted(filter, { input, mpid }))) return
  try {
    if (!take(watched, samplesOf(upload, mpid)) || now < flushingUntilMs) return
    flushingUntilMs = now + 10 * flushEveryMs
    waitUntil(flush(env))
  } catch (error) {
    // It is stored, whatever becomes of showing it.
    log('warn', 'Events could not be shown live.', failure(error))
  }
}
