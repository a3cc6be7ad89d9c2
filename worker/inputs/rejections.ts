import { failure, log } from '../base/log'
import type { Problem } from '../base/problem'
import { type Bindings, objectsOf } from '../config/deployment'
import type { Rejected } from '../config/workspace'
import { writePoint } from '../metrics/points'

const payloadChars = 4096
const keptPerFlush = 20
const flushEveryMs = 1000

// Per isolate: a flood of garbage costs one call a second and some twenty rows, and is still counted.
let waiting: Rejected[] = []
// By inputs, of which there are few: what anybody can have refused must not push out the others.
let refused = new Map<string, Rejected>()
let count = 0
// Problems by input and code, for one data point each.
let measured = new Map<string, number>()
// A time and not a flag: a flush that the platform cut off must not be the last one.
let flushingUntilMs = 0

const mostMeasured = 100

const note = (input: string, problems: Problem[]): void => {
  for (const { code } of problems) {
    const key = `${input} ${code}`
    // Inputs and codes are ours, so there are few.
    if (measured.size >= mostMeasured && !measured.has(key)) continue
    measured.set(key, (measured.get(key) ?? 0) + 1)
  }
}

const measure = (env: Bindings): void => {
  const noted = measured
  measured = new Map()
  for (const [key, rejected] of noted) {
    const [id = '', reason] = key.split(' ')
    writePoint(env, { kind: 'rejected', id, reason, rejected })
  }
}

const flush = async (env: Bindings): Promise<void> => {
  await scheduler.wait(flushEveryMs)
  const [rejected, counted] = [[...waiting, ...refused.values()], count]
  waiting = []
  refused = new Map()
  count = 0
  flushingUntilMs = 0
  measure(env)
  try {
    await objectsOf(env).WORKSPACE.getByName('workspace').reject(rejected, counted)
  } catch (error) {
    log('warn', 'Rejected events could not be kept.', failure(error))
  }
}

type WaitUntil = (promise: Promise<unknown>) => void

/** What was refused, and of which input: '' when its credentials were none's. */
type Refused = Pick<Rejected, 'input' | 'problems' | 'payload'>

const rowOf = ({ input, problems, payload }: Refused): Rejected => ({
  at_ms: Date.now(),
  input,
  problems: problems.slice(0, 10),
  payload: payload.slice(0, payloadChars),
})

const countRefused = (env: Bindings, waitUntil: WaitUntil, { input, problems }: Refused): void => {
  count += problems.length
  note(input, problems)
  if (Date.now() < flushingUntilMs) return
  flushingUntilMs = Date.now() + 5 * flushEveryMs
  waitUntil(flush(env))
}

/** Keeps what could not be understood, for its owner to look at. Never in the way of an answer. */
export const keepRejected = (env: Bindings, waitUntil: WaitUntil, given: Refused): void => {
  if (waiting.length < keptPerFlush) waiting.push(rowOf(given))
  countRefused(env, waitUntil, given)
}

/** Keeps one a second of an input's: for what anybody can have refused, without an event. */
export const keepRefused = (env: Bindings, waitUntil: WaitUntil, given: Refused): void => {
  if (!refused.has(given.input)) refused.set(given.input, rowOf(given))
  countRefused(env, waitUntil, given)
}
