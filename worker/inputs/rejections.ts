import { type Bindings, objectsOf } from '../config/deployment'
import type { Rejected } from '../config/workspace'
import { failure, log } from '../log'
import { writePoint } from '../metrics/points'
import type { Problem } from '../problem'

const payloadChars = 4096
const keptPerFlush = 20
const flushEveryMs = 1000

// Per isolate: a flood of garbage costs one call a second and some twenty rows, and is still counted.
let waiting: Rejected[] = []
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
  const [rejected, counted] = [waiting, count]
  waiting = []
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

const keep = (env: Bindings, waitUntil: WaitUntil, one: Rejected, isKept: boolean): void => {
  count += one.problems.length
  note(one.input, one.problems)
  if (isKept) waiting.push({ ...one, problems: one.problems.slice(0, 10) })
  if (Date.now() < flushingUntilMs) return
  flushingUntilMs = Date.now() + 5 * flushEveryMs
  waitUntil(flush(env))
}

/** Keeps what could not be understood, for its owner to look at. Never in the way of an answer. */
export const keepRejected = (
  env: Bindings,
  waitUntil: WaitUntil,
  { input, problems, payload }: { input: string; problems: Problem[]; payload: string }
): void => {
  const kept = { at_ms: Date.now(), input, problems, payload: payload.slice(0, payloadChars) }
  keep(env, waitUntil, kept, waiting.length < keptPerFlush)
}

/**
 * Keeps that somebody came with credentials of no input, one a second: anybody can, and must not
 * push out what inputs have rejected. What they sent is not looked at.
 */
export const keepUnknown = (env: Bindings, waitUntil: WaitUntil, unknown: Problem): void => {
  const kept = { at_ms: Date.now(), input: '', problems: [unknown], payload: '' }
  keep(env, waitUntil, kept, !waiting.some((one) => one.input === ''))
}
