import { type Bindings, objectsOf } from '../config/deployment'
import type { Rejected } from '../config/workspace'
import { failure, log } from '../log'
import type { Problem } from '../problem'

const payloadChars = 4096
const keptPerFlush = 20
const flushEveryMs = 1000

// Per isolate: a flood of garbage costs one call a second and some twenty rows, and is still counted.
let waiting: Rejected[] = []
let count = 0
// A time and not a flag: a flush that the platform cut off must not be the last one.
let flushingUntilMs = 0

const flush = async (env: Bindings): Promise<void> => {
  await scheduler.wait(flushEveryMs)
  const [rejected, counted] = [waiting, count]
  waiting = []
  count = 0
  flushingUntilMs = 0
  try {
    await objectsOf(env).WORKSPACE.getByName('workspace').reject(rejected, counted)
  } catch (error) {
    log('warn', 'Rejected events could not be kept.', failure(error))
  }
}

/** Keeps what could not be understood, for its owner to look at. Never in the way of an answer. */
export const keepRejected = (
  env: Bindings,
  waitUntil: (promise: Promise<unknown>) => void,
  rejected: { input: string; problems: Problem[]; payload: string }
): void => {
  count += rejected.problems.length
  if (waiting.length < keptPerFlush) {
    const payload = rejected.payload.slice(0, payloadChars)
    const problems = rejected.problems.slice(0, 10)
    waiting.push({ at_ms: Date.now(), input: rejected.input, problems, payload })
  }
  if (Date.now() < flushingUntilMs) return
  flushingUntilMs = Date.now() + 5 * flushEveryMs
  waitUntil(flush(env))
}
