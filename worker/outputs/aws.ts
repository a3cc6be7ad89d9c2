import { AwsClient } from 'aws4fetch'
import { parseUrl } from '../base/url'
import type { Outcome } from '../delivery'

export interface AwsCredentials {
  access_key_id: string
  secret_access_key: string
  session_token?: string
}

export interface AwsRequest {
  service: 'sqs' | 's3' | 'sts'
  region: string
  url: string
  method: 'POST' | 'PUT'
  headers: Record<string, string>
  body: string | Uint8Array
}

/** An answer of AWS, read whole, or why there was none. */
export type AwsAnswer = { status: number; headers: Headers; text: string } | { failed: string }

const timeoutMs = 60_000

/** One client per credentials: aws4fetch keeps the derived signing keys in it. */
export const awsClient = (credentials: AwsCredentials): AwsClient =>
  new AwsClient({
    accessKeyId: credentials.access_key_id,
    secretAccessKey: credentials.secret_access_key,
    ...(credentials.session_token ? { sessionToken: credentials.session_token } : {}),
    retries: 0,
  })

/** Signs with the clock of this moment and sends once. Never throws, never follows a redirect. */
export const sendToAws = async (client: AwsClient, request: AwsRequest): Promise<AwsAnswer> => {
  const { service, region, url, ...init } = request
  try {
    const signed = await client.sign(url, { ...init, aws: { service, region } })
    const response = await fetch(signed, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    // An unread body holds one of the six connections that a Durable Object may have open.
    const text = new TextDecoder().decode(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, text }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

/** The error code of an answer: `__type` in JSON, `<Code>` in XML, a header of Lambda's. */
export const errorCode = (text: string, headers?: Headers): string =>
  (/"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text) ?? /<Code>([^<]+)<\/Code>/.exec(text))?.[1] ??
  headers?.get('x-amzn-errortype')?.split(':')[0] ??
  ''

const errorMessage = (text: string): string =>
  (/"[mM]essage"\s*:\s*"([^"]*)"/.exec(text) ?? /<Message>([^<]*)<\/Message>/.exec(text))?.[1] ?? ''

// Worth a newly signed request, soon; AWS sends some of them with 400 or 403.
const passing = new Set([
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

// The message itself is what the service refuses.
const refused = new Set([
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

const longestRetryAfterMs = 86_400_000

/** How long an answer asks to wait, at most a day. */
export const retryAfterMs = (headers: Headers): number | undefined => {
  const value = headers.get('retry-after')
  if (!value) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms > 0 ? Math.min(ms, longestRetryAfterMs) : undefined
}

export const isExpiredToken = (answer: AwsAnswer): boolean =>
  'text' in answer && /^ExpiredToken/.test(errorCode(answer.text, answer.headers))

// Beyond their first line, some messages quote the request, its session token included.
const brief = (reason: string): string => (reason.split(/\n|\\n/)[0] ?? '').slice(0, 300)

/**
 * What an answer means for the request that got it. Whatever a change of rights or settings could
 * mend is worth a retry, so that nothing is lost while its owner is away.
 */
export const outcomeOf = (answer: AwsAnswer): Outcome => {
  if ('failed' in answer) return { kind: 'retry', reason: `No answer: ${answer.failed}` }
  const { status, headers, text } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const code = errorCode(text, headers)
  const reason = brief([`HTTP ${status}`, code, errorMessage(text)].filter(Boolean).join(' '))
  if (
    status >= 500 ||
    status === 429 ||
    passing.has(code) ||
    /expired|not yet current/i.test(reason)
  ) {
    const afterMs = retryAfterMs(headers)
    return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  if (refused.has(code)) return { kind: 'reject', reason }
  return { kind: 'retry', reason, ownerMustAct: true }
}

// Customers get names under amazonaws.com, too; these are those of the services.
const awsHost =
  /(^|\.)(s3|sqs|sts|queue|lambda)(-fips)?(\.dualstack)?([.-][a-z]{2}(-[a-z]+)+-\d)?(\.vpce)?\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws)$/

/** Whether a URL is an https endpoint of SQS, S3, STS or Lambda, without a user, password or port. */
export const isAwsUrl = (url: string): boolean => {
  const parsed = parseUrl(url)
  if (parsed?.protocol !== 'https:' || parsed.port) return false
  if (parsed.username || parsed.password) return false
  return awsHost.test(parsed.hostname)
}

export const awsDomain = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
