import { type Json, readMs, stringifyJson } from '../../base/json'
import { type Problem, problem, type Result, within } from '../../base/problem'
import { type CheckedBatch, checkBatch, eventData } from '../../batch'
import { type DecodedBatch, parseBody, type RejectedBatch } from '../batch-body'

export interface DecodedBulk {
  good: DecodedBatch[]
  bad: RejectedBatch[]
  /** Well formed, but not historical: the dialect answers success and does not store them. */
  ignored: RejectedBatch[]
}

const maxBatches = 100
const historicalMs = 72 * 3_600_000

const fail = (code: string, path: string, message: string): Result<never> => ({
  ok: false,
  problems: [problem(code, path, message)],
})

// Stricter than for browsers: the sender reads the answer and can correct a bad event.
const checkStrictly = (value: Json): Result<CheckedBatch> => {
  const checked = checkBatch(value)
  if (!checked) return fail('invalid', '', 'A batch must be a JSON object.')
  const { problems } = checked
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: checked }
}

/** Decodes a body that is one batch. */
export const decodeSingle = (text: string): Result<DecodedBatch> => {
  const body = parseBody(text)
  if (!body.ok) return body
  if (Array.isArray(body.value)) {
    const message = 'The body must be one batch, not a list. Lists go to /v2/bulkevents.'
    return fail('invalid', '', message)
  }
  const checked = checkStrictly(body.value)
  return checked.ok ? { ok: true, value: { checked: checked.value, text } } : checked
}

const decodeList = (
  text: string,
  reasonsToIgnore: (checked: CheckedBatch) => Problem[]
): Result<DecodedBulk> => {
  const body = parseBody(text)
  if (!body.ok) return body
  const list = body.value
  if (!Array.isArray(list)) return fail('invalid', '', 'The body must be a list of batches.')
  if (list.length > maxBatches) {
    const message = `A request may hold ${maxBatches} batches, not ${list.length}.`
    return fail('too_many', '', message)
  }
  const decoded: DecodedBulk = { good: [], bad: [], ignored: [] }
  for (const [i, value] of list.entries()) {
    const checked = checkStrictly(value)
    const batchText = stringifyJson(value)
    const rejected = (problems: Problem[]): RejectedBatch => ({
      problems: within(String(i), problems),
      payload: batchText,
    })
    const reasons = checked.ok ? reasonsToIgnore(checked.value) : []
    if (!checked.ok) decoded.bad.push(rejected(checked.problems))
    else if (reasons.length > 0) decoded.ignored.push(rejected(reasons))
    else decoded.good.push({ checked: checked.value, text: batchText })
  }
  return { ok: true, value: decoded }
}

/** Decodes a body that is a list of batches. Each is checked by itself. */
export const decodeBulk = (text: string): Result<DecodedBulk> => decodeList(text, () => [])

const historicalProblems = ({ events }: CheckedBatch, now: number): Problem[] => {
  if (events.length === 0) {
    return [problem('not_historical', 'events', 'A historical batch must have events.')]
  }
  return events.flatMap((event, i) => {
    const time = readMs(eventData(event).timestamp_unixtime_ms)
    const path = `events.${i}.data.timestamp_unixtime_ms`
    if (time === undefined) {
      return problem('not_historical', path, 'A historical event must have a timestamp.')
    }
    if (now - time >= historicalMs) return []
    return problem('not_historical', path, 'A historical event must be 72 hours old.')
  })
}

/**
 * Like `decodeBulk`; ignores batches without events, and those that have an event without a
 * timestamp or younger than 72 hours.
 *
 * @param now the time of receipt, ms
 */
export const decodeHistorical = (text: string, now: number): Result<DecodedBulk> =>
  decodeList(text, (checked) => historicalProblems(checked, now))

// mParticle documents only BAD_REQUEST; the other codes follow its pattern.
const codes: Record<number, string> = {
  400: 'BAD_REQUEST',
  405: 'METHOD_NOT_ALLOWED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
}

const maxErrors = 100

export interface ErrorsBody {
  errors: { code: string; message: string; path?: string }[]
}

/** An error answer in mParticle's format, with the path of each problem added. */
export const errorsBody = (status: number, problems: Problem[]): ErrorsBody => {
  const code = codes[status] ?? 'ERROR'
  const errors: ErrorsBody['errors'] = problems
    .slice(0, maxErrors)
    .map(({ path, message }) => ({ code, message, ...(path ? { path } : {}) }))
  const more = problems.length - maxErrors
  if (more > 0) errors.push({ code, message: `${more} more are not listed.` })
  return { errors }
}
