import { type Json, readMs, stringifyJson } from '../../base/json'
import { type Problem, problem, type Result, within } from '../../base/problem'
import { type CheckedBatch, checkBatch, eventData } from '../../batch'
import { parseBody } from '../batch-body'

/** A batch to be stored, with the text to store. */
export interface GoodBatch {
  checked: CheckedBatch
  text: string
}

/** A batch that is not stored but kept as rejected. */
export interface LeftOut {
  problems: Problem[]
  payload: string
}

export interface DecodedBulk {
  good: GoodBatch[]
  bad: LeftOut[]
  /** Well formed, but not historical; the dialect accepts such batches and leaves them out. */
  ignored: LeftOut[]
}

const mostBatches = 100
const historicalMs = 72 * 3_600_000

const fail = (code: string, path: string, message: string): Result<never> => ({
  ok: false,
  problems: [problem(code, path, message)],
})

// Servers are told of a bad event and can mend it, so the whole batch is refused with it.
const checkStrictly = (value: Json): Result<CheckedBatch> => {
  const checked = checkBatch(value)
  if (!checked) return fail('invalid', '', 'A batch must be a JSON object.')
  const { problems } = checked
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: checked }
}

/** Reads what was posted as one batch. */
export const decodeSingle = (text: string): Result<GoodBatch> => {
  const body = parseBody(text)
  if (!body.ok) return body
  if (Array.isArray(body.value)) {
    const message = 'The body must be one batch, not a list. Lists go to /v2/bulkevents.'
    return fail('invalid', '', message)
  }
  const checked = checkStrictly(body.value)
  return checked.ok ? { ok: true, value: { checked: checked.value, text } } : checked
}

type Judge = (checked: CheckedBatch) => Problem[]

const decodeList = (text: string, whyIgnored: Judge): Result<DecodedBulk> => {
  const body = parseBody(text)
  if (!body.ok) return body
  const list = body.value
  if (!Array.isArray(list)) return fail('invalid', '', 'The body must be a list of batches.')
  if (list.length > mostBatches) {
    const message = `A request may hold ${mostBatches} batches, not ${list.length}.`
    return fail('too_many', '', message)
  }
  const decoded: DecodedBulk = { good: [], bad: [], ignored: [] }
  for (const [i, value] of list.entries()) {
    const checked = checkStrictly(value)
    const own = stringifyJson(value)
    const leftOut = (problems: Problem[]): LeftOut => ({
      problems: within(String(i), problems),
      payload: own,
    })
    const ignored = checked.ok ? whyIgnored(checked.value) : []
    if (!checked.ok) decoded.bad.push(leftOut(checked.problems))
    else if (ignored.length > 0) decoded.ignored.push(leftOut(ignored))
    else decoded.good.push({ checked: checked.value, text: own })
  }
  return { ok: true, value: decoded }
}

/** Reads what was posted as a list of batches, of which each is judged by itself. */
export const decodeBulk = (text: string): Result<DecodedBulk> => decodeList(text, () => [])

const whyNotHistorical = ({ events }: CheckedBatch, now: number): Problem[] => {
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
 * Like `decodeBulk`, but batches without events, without all timestamps, or with events younger
 * than 72 hours are left out.
 *
 * @param now the time of receipt, ms
 */
export const decodeHistorical = (text: string, now: number): Result<DecodedBulk> =>
  decodeList(text, (checked) => whyNotHistorical(checked, now))

// Of mParticle's own words only BAD_REQUEST is documented; the others are named after it.
const codes: Record<number, string> = {
  400: 'BAD_REQUEST',
  405: 'METHOD_NOT_ALLOWED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
}

const mostErrors = 100

export interface ErrorsBody {
  errors: { code: string; message: string; path?: string }[]
}

/** An error answer as mParticle words it, with the place of each problem besides. */
export const errorsBody = (status: number, problems: Problem[]): ErrorsBody => {
  const code = codes[status] ?? 'ERROR'
  const errors: ErrorsBody['errors'] = problems
    .slice(0, mostErrors)
    .map(({ path, message }) => ({ code, message, ...(path ? { path } : {}) }))
  const more = problems.length - mostErrors
  if (more > 0) errors.push({ code, message: `${more} more are not listed.` })
  return { errors }
}
