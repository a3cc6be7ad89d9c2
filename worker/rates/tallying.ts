import { failure, log } from '../base/log'
import { type Bindings, objectsOf } from '../config/deployment'
import { addCounts, type Counts, type TallyName } from './tally'

const flushEveryMs = 2000

// Gathered per isolate, so that a flood costs one call per input every two seconds.
let pending = new Map<string, Counts>()
// A time and not a flag: a flush that the platform aborts must not block all later ones.
let flushingUntilMs = 0

const flush = async (env: Bindings): Promise<void> => {
  await scheduler.wait(flushEveryMs)
  const gathered = pending
  pending = new Map()
  flushingUntilMs = 0
  try {
    const { RATE_LIMIT } = objectsOf(env)
    await Promise.all(
      [...gathered].map(([input, counts]) => RATE_LIMIT.getByName(input).count(counts))
    )
  } catch (error) {
    log('warn', 'Dropped and refused events of inputs could not be counted.', failure(error))
  }
}

export interface CountingInput {
  env: Bindings
  waitUntil: (promise: Promise<unknown>) => void
  input: { id: string }
}

/** Counts what an input dropped, flagged or refused. Returns at once and never fails. */
export const tally = (
  { env, waitUntil, input }: CountingInput,
  name: TallyName,
  count = 1
): void => {
  pending.set(input.id, addCounts(pending.get(input.id) ?? {}, { [name]: count }))
  if (Date.now() < flushingUntilMs) return
  flushingUntilMs = Date.now() + 5 * flushEveryMs
  waitUntil(flush(env))
}
