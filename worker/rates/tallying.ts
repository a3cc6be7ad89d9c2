import { failure, log } from '../base/log'
import { type Bindings, objectsOf } from '../config/deployment'
import { addCounts, type Counts, type TallyName } from './tally'

const flushEveryMs = 2000

// Per isolate, so that a flood costs one call of each input now and then.
let waiting = new Map<string, Counts>()
// A time and not a flag: a flush that the platform cut off must not be the last one.
let flushingUntilMs = 0

const flush = async (env: Bindings): Promise<void> => {
  await scheduler.wait(flushEveryMs)
  const counted = waiting
  waiting = new Map()
  flushingUntilMs = 0
  try {
    const { RATE_LIMIT } = objectsOf(env)
    const told = [...counted].map(([input, counts]) => RATE_LIMIT.getByName(input).count(counts))
    await Promise.all(told)
  } catch (error) {
    log('warn', 'What an input dropped or refused could not be counted.', failure(error))
  }
}

export interface Counting {
  env: Bindings
  /** Without it, the counts wait for the next request that has one. */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined
  input: { id: string }
}

/** Counts what an input dropped, flagged or refused. Never in the way of an answer. */
export const tally = ({ env, waitUntil, input }: Counting, name: TallyName, count = 1): void => {
  waiting.set(input.id, addCounts(waiting.get(input.id) ?? {}, { [name]: count }))
  if (!waitUntil || Date.now() < flushingUntilMs) return
  flushingUntilMs = Date.now() + 5 * flushEveryMs
  waitUntil(flush(env))
}
