import {
  exactText,
  isObject,
  isTooDeep,
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from '../../../base/json'
import { retryAfterMs } from '../../../base/retry-after'
import type { Outcome } from '../../../delivery'
import { outcomeOf } from '../../aws/outcome'

export type ResponseType =
  | 'module_registration_response'
  | 'event_processing_response'
  | 'dsr_processing_response'
  | 'audience_subscription_response'
  | 'audience_membership_change_response'

/** The answer of an integration, why there was none, or the outcome without a request. */
export type IntegrationAnswer = Answered | { failed: string } | { outcome: Outcome }

export interface Answered {
  /** `lambda`: the answer of AWS Lambda, with the function's result as text. */
  from: 'http' | 'lambda'
  status: number
  headers: Headers
  text: string
  /** Whether the body was longer than the part that was read. */
  isCut: boolean
}

export interface Judged {
  outcome: Outcome
  /** Whether the integration wants nothing more until its owner resumes. */
  suspend: boolean
  /** The response, if any; its numbers are those of `parseJson`. */
  message?: JsonObject
  /** Whether the token was refused. */
  unauthorized?: boolean
  /** Whether the message may be the cause, so that it is not retried for ever. */
  limited?: boolean
}

const retried = new Set([408, 429, 500, 502, 503, 504])

const suspending = new Set<ResponseType>([
  'event_processing_response',
  'audience_membership_change_response',
])

const firstKilobyte = 1024
const excerptLength = 300

/** The beginning of a text, in one line. */
const excerpt = (text: string, length = excerptLength): string =>
  text
    .slice(0, length)
    .replace(/[\uD800-\uDBFF]$/, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()

/** The outcome of a message, as the protocol defines it for the answer. */
export const judgeAnswer = (answer: IntegrationAnswer, expected: ResponseType): Judged => {
  if ('outcome' in answer) return { outcome: answer.outcome, suspend: false }
  if ('failed' in answer) {
    const reason = excerpt(`No answer: ${answer.failed}`)
    return { outcome: { kind: 'retry', reason }, suspend: false, limited: true }
  }
  return answer.from === 'lambda'
    ? judgeInvocation(answer, expected)
    : judgeStatus(answer, expected)
}

const judgeStatus = (answer: Answered, expected: ResponseType): Judged => {
  const { status, headers, text } = answer
  if (status === 200 || status === 202) return judgeBody(answer, expected)
  const reason = `HTTP ${status} ${excerpt(text)}`.trim()
  if (!retried.has(status)) {
    const unauthorized = status === 401 ? { unauthorized: true } : {}
    return { outcome: { kind: 'reject', reason }, suspend: false, ...unauthorized }
  }
  const afterMs = retryAfterMs(headers)
  const wait = afterMs === undefined ? {} : { afterMs }
  return { outcome: { kind: 'retry', reason, ...wait }, suspend: false, limited: true }
}

const judgeBody = (answer: Answered, expected: ResponseType): Judged => {
  const { status, text, isCut } = answer
  const message = isCut ? undefined : parse(text)
  if (isObject(message) && isOfType(message, expected)) {
    const suspend = suspending.has(expected) && message.suspend_subscription === true
    return { outcome: { kind: 'delivered' }, suspend, message }
  }
  const needsMessage = expected === 'module_registration_response'
  if (!needsMessage && (status === 202 || text.trim() === '')) {
    return { outcome: { kind: 'delivered' }, suspend: false }
  }
  const what = isCut ? 'a longer body than any' : 'a body that is no'
  const reason = `HTTP ${status} with ${what} ${expected}: ${excerpt(text, firstKilobyte)}`
  return { outcome: { kind: 'reject', reason }, suspend: false }
}

const isOfType = ({ type }: JsonObject, expected: ResponseType): boolean =>
  type === expected || ((type ?? null) === null && expected !== 'module_registration_response')

const judgeInvocation = (answer: Answered, expected: ResponseType): Judged => {
  // AWS Lambda itself refused, whatever the message was, so the message is retried without limit.
  if (answer.status !== 200) return { outcome: outcomeOf(answer), suspend: false }
  const result = answer.isCut ? undefined : parse(answer.text)
  if (answer.headers.has('x-amz-function-error')) {
    const { errorType, errorMessage } = isObject(result) ? result : {}
    const said = [errorType, errorMessage].filter((one) => typeof one === 'string').join(': ')
    const reason = `The function failed: ${excerpt(said)}`
    return { outcome: { kind: 'retry', reason }, suspend: false, limited: true }
  }
  // A function that returns nothing results in null.
  if (result === null) return judgeBody({ ...answer, text: '' }, expected)
  if (!isObject(result) || result.statusCode === undefined || (result.type ?? null) !== null) {
    return judgeBody(answer, expected)
  }
  return judgeStatus(unwrapped(answer, result), expected)
}

/** The answer inside the result of a function that was made for an API gateway. */
const unwrapped = (answer: Answered, result: JsonObject): Answered => {
  const { statusCode, headers, body = null } = result
  const after = Object.entries(isObject(headers) ? headers : {}).find(
    ([name]) => name.toLowerCase() === 'retry-after'
  )?.[1]
  return {
    ...answer,
    status: Number(exactText(statusCode)),
    headers: new Headers(isWait(after) ? { 'retry-after': String(after) } : {}),
    text: typeof body === 'string' ? body : body === null ? '' : stringifyJson(body),
  }
}

const isWait = (value: Json | undefined): boolean => /^[\w ,:+-]+$/.test(String(value ?? ''))

const parse = (text: string): Json | undefined => {
  try {
    return isTooDeep(text) ? undefined : parseJson(text)
  } catch {
    return undefined
  }
}
