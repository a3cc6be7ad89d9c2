import { retryAfterMs } from '../../base/retry-after'
import type { Outcome } from '../../delivery'
import type { AwsAnswer } from './request'

/** The error code of an answer: `__type` in JSON, `<Code>` in XML, a header of Lambda's. */
export const errorCode = (text: string, headers?: Headers): string =>
  (/"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text) ?? /<Code>([^<]+)<\/Code>/.exec(text))?.[1] ??
  headers?.get('x-amzn-errortype')?.split(':')[0] ??
  ''

const errorMessage = (text: string): string =>
  (/"[mM]essage"\s*:\s*"([^"]*)"/.exec(text) ?? /<Message>([^<]*)<\/Message>/.exec(text))?.[1] ?? ''

// A newly signed request can succeed soon; AWS sends some of these with 400 or 403.
const temporary = new Set([
  'ThrottlingException',
  'Throttling',
  'RequestThrottled',
  'RequestThrottledException',
  'KmsThrottled',
  'OverLimit',
  'SlowDown',
  'RequestTimeout',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'ExpiredToken',
  'ExpiredTokenException',
  'ConditionalRequestConflict',
  'OperationAborted',
  'ResourceConflictException',
  'SnapStartNotReadyException',
])

// The service refuses the message itself.
const permanent = new Set([
  'InvalidMessageContents',
  'InvalidParameterValue',
  'BatchRequestTooLong',
  'TooManyEntriesInBatchRequest',
  'BatchEntryIdsNotDistinct',
  'InvalidBatchEntryId',
  'EmptyBatchRequest',
  'EntityTooLarge',
  'RequestTooLargeException',
  'RequestEntityTooLargeException',
  'InvalidRequestContentException',
])

export const isExpiredToken = (answer: AwsAnswer): boolean =>
  'text' in answer && /^ExpiredToken/.test(errorCode(answer.text, answer.headers))

// Beyond their first line, some messages quote the request, its session token included.
const firstLine = (reason: string): string => (reason.split(/\n|\\n/)[0] ?? '').slice(0, 300)

/**
 * What an answer means for the request that got it. Anything that a change of rights or settings
 * could fix is retried, so that nothing is lost until the owner of the output acts.
 */
export const outcomeOf = (answer: AwsAnswer): Outcome => {
  if ('failed' in answer) return { kind: 'retry', reason: `No answer: ${answer.failed}` }
  const { status, headers, text } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const code = errorCode(text, headers)
  const reason = firstLine([`HTTP ${status}`, code, errorMessage(text)].filter(Boolean).join(' '))
  if (
    status >= 500 ||
    status === 429 ||
    temporary.has(code) ||
    /expired|not yet current/i.test(reason)
  ) {
    const afterMs = retryAfterMs(headers)
    return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  if (permanent.has(code)) return { kind: 'reject', reason }
  return { kind: 'retry', reason, ownerMustAct: true }
}
