import { failure, log } from '../../base/log'
import type { Problem } from '../../base/problem'
import { type Bindings, objectsOf } from '../../config/deployment'
import type { Rejected } from '../../config/workspace'
import { writePoint } from '../../metrics/points'
import type { InputRequest } from './request'

const maxPayloadChars = 4096
const maxProblems = 10
const maxRowsPerFlush = 20
const flushEveryMs = 1000

// Queued per isolate, so that a flood of garbage costs one call and some twenty rows a second. What
// is not kept is still counted.
let queue: Rejected[] = []
// One row per input, apart from the queue: what anybody can cause must not push out real events.
let unauthenticated = new Map<string, Rejected>()
let problemCount = 0
// A time and not a flag: a flush that the platform aborts must not block all later ones.
let flushingUntilMs = 0

// Problems by input and code, written as one data point each.
let countByCode = new Map<string, number>()
const maxCounts = 100

const countCodes = (input: string, problems: Problem[]): void => {
  for (const { code } of problems) {
    const key = `${input} ${code}`
    if (countByCode.size >= maxCounts && !countByCode.has(key)) continue
    countByCode.set(key, (countByCode.get(key) ?? 0) + 1)
  }
}

const writePoints = (env: Bindings): void => {
  const counts = countByCode
  countByCode = new Map()
  for (const [key, rejected] of counts) {
    const [id = '', reason] = key.split(' ')
    writePoint(env, { kind: 'rejected', id, reason, rejected })
  }
}

const flush = async (env: Bindings): Promise<void> => {
  await scheduler.wait(flushEveryMs)
  const rows = [...queue, ...unauthenticated.values()]
  const count = problemCount
  queue = []
  unauthenticated = new Map()
  problemCount = 0
  flushingUntilMs = 0
  writePoints(env)
  try {
    await objectsOf(env).WORKSPACE.getByName('workspace').reject(rows, count)
  } catch (error) {
    log('warn', 'Rejected events could not be stored.', failure(error))
  }
}

type WaitUntil = InputRequest['waitUntil']

/** `input` is '' when the credentials match none. */
type Row = Pick<Rejected, 'input' | 'problems' | 'payload'>

const boundedRow = ({ input, problems, payload }: Row): Rejected => ({
  at_ms: Date.now(),
  input,
  problems: problems.slice(0, maxProblems),
  payload: payload.slice(0, maxPayloadChars),
})

const countAndFlush = (env: Bindings, waitUntil: WaitUntil, { input, problems }: Row): void => {
  problemCount += problems.length
  countCodes(input, problems)
  if (Date.now() < flushingUntilMs) return
  flushingUntilMs = Date.now() + 5 * flushEveryMs
  waitUntil(flush(env))
}

/** Queues a refused body. At most 20 a second are kept, all are counted. */
export const queueRejected = (env: Bindings, waitUntil: WaitUntil, row: Row): void => {
  if (queue.length < maxRowsPerFlush) queue.push(boundedRow(row))
  countAndFlush(env, waitUntil, row)
}

/** Queues a refusal that anybody can cause. One a second is kept per input, all are counted. */
export const queueUnauthenticated = (env: Bindings, waitUntil: WaitUntil, row: Row): void => {
  if (!unauthenticated.has(row.input)) unauthenticated.set(row.input, boundedRow(row))
  countAndFlush(env, waitUntil, row)
}
