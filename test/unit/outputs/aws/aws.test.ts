import { afterEach, describe, expect, it, vi } from 'vitest'
import { waitBeforeRetry } from '../../../../worker/delivery'
import { isAwsUrl } from '../../../../worker/outputs/aws/hosts'
import { errorCode, outcomeOf } from '../../../../worker/outputs/aws/outcome'

const json = (code: string) => `{"__type":"com.amazonaws.sqs#${code}","message":"It is so."}`
const xml = (code: string) =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>It is so.</Message></Error>`
const answer = (status: number, text: string, headers: Record<string, string> = {}) =>
  outcomeOf({ status, headers: new Headers(headers), text })

afterEach(() => {
  vi.useRealTimers()
})

/** What an answer may mean: tried again soon, tried again slowly, never. */
type Meaning = 'soon' | 'owner' | 'never'

const meaningOf = (outcome: ReturnType<typeof outcomeOf>): Meaning | 'delivered' => {
  if (outcome.kind === 'delivered') return 'delivered'
  if (outcome.kind === 'reject') return 'never'
  return outcome.ownerMustAct ? 'owner' : 'soon'
}

const sqs: [status: number, code: string, Meaning][] = [
  [500, 'InternalFailure', 'soon'],
  [503, 'ServiceUnavailable', 'soon'],
  [429, 'TooManyRequests', 'soon'],
  [403, 'RequestThrottled', 'soon'],
  [400, 'RequestThrottled', 'soon'],
  [400, 'ThrottlingException', 'soon'],
  [400, 'KmsThrottled', 'soon'],
  [403, 'OverLimit', 'soon'],
  [403, 'ExpiredToken', 'soon'],
  [400, 'ExpiredTokenException', 'soon'],
  [403, 'RequestExpired', 'soon'],
  [400, 'QueueDoesNotExist', 'owner'],
  [400, 'AWS.SimpleQueueService.NonExistentQueue', 'owner'],
  [403, 'AccessDenied', 'owner'],
  [400, 'AccessDeniedException', 'owner'],
  [403, 'InvalidClientTokenId', 'owner'],
  [403, 'SignatureDoesNotMatch', 'owner'],
  [403, 'InvalidSecurity', 'owner'],
  [404, 'InvalidAddress', 'owner'],
  [400, 'UnsupportedOperation', 'owner'],
  [400, 'KmsAccessDenied', 'owner'],
  [400, 'KmsDisabled', 'owner'],
  [400, 'KmsInvalidKeyUsage', 'owner'],
  [400, 'KmsInvalidState', 'owner'],
  [400, 'KmsNotFound', 'owner'],
  [403, 'KmsOptInRequired', 'owner'],
  [400, 'MissingParameter', 'owner'],
  [400, 'InvalidMessageContents', 'never'],
  [400, 'InvalidParameterValue', 'never'],
  [400, 'BatchRequestTooLong', 'never'],
  [400, 'TooManyEntriesInBatchRequest', 'never'],
  [400, 'BatchEntryIdsNotDistinct', 'never'],
  [400, 'InvalidBatchEntryId', 'never'],
  [400, 'EmptyBatchRequest', 'never'],
]

const s3: [status: number, code: string, Meaning][] = [
  [500, 'InternalError', 'soon'],
  [503, 'ServiceUnavailable', 'soon'],
  [503, 'SlowDown', 'soon'],
  [409, 'ConditionalRequestConflict', 'soon'],
  [409, 'OperationAborted', 'soon'],
  [400, 'RequestTimeout', 'soon'],
  [400, 'ExpiredToken', 'soon'],
  [403, 'RequestTimeTooSkewed', 'soon'],
  [404, 'NoSuchBucket', 'owner'],
  [403, 'AccessDenied', 'owner'],
  [403, 'InvalidAccessKeyId', 'owner'],
  [403, 'SignatureDoesNotMatch', 'owner'],
  [403, 'AllAccessDisabled', 'owner'],
  [400, 'InvalidBucketName', 'owner'],
  [400, 'KMS.DisabledException', 'owner'],
  [400, 'KMS.NotFoundException', 'owner'],
  [301, 'PermanentRedirect', 'owner'],
  [307, 'TemporaryRedirect', 'owner'],
  [400, 'AuthorizationHeaderMalformed', 'owner'],
  [400, 'AccessControlListNotSupported', 'owner'],
  [400, 'EntityTooLarge', 'never'],
]

const sts: [status: number, code: string, Meaning][] = [
  [403, 'AccessDenied', 'owner'],
  [403, 'RegionDisabledException', 'owner'],
  [400, 'ExpiredTokenException', 'soon'],
  [400, 'Throttling', 'soon'],
  [500, 'InternalFailure', 'soon'],
]

describe('an answer of AWS', () => {
  it.each(sqs)('of SQS, HTTP %i %s, is tried again: %s', (status, code, meaning) => {
    const outcome = answer(status, json(code))
    expect(meaningOf(outcome)).toBe(meaning)
    expect(outcome).toMatchObject({ reason: `HTTP ${status} ${code} It is so.` })
  })

  it.each(s3)('of S3, HTTP %i %s, is tried again: %s', (status, code, meaning) => {
    expect(meaningOf(answer(status, xml(code)))).toBe(meaning)
  })

  it.each(sts)('of STS, HTTP %i %s, is tried again: %s', (status, code, meaning) => {
    const text = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code></Error></ErrorResponse>`
    expect(meaningOf(answer(status, text))).toBe(meaning)
  })

  it.each([
    'Signature expired: 20261121T060405Z is now earlier than 20261121T060500Z',
    'Signature not yet current: 20261121T060405Z is still later than 20261121T055900Z',
  ])('that blames the clock is tried again soon: %s', (message) => {
    for (const code of ['InvalidSignatureException', 'SignatureDoesNotMatch']) {
      const text = JSON.stringify({ __type: code, message })
      expect(meaningOf(answer(403, text))).toBe('soon')
    }
  })

  it.each([200, 201, 204])('with HTTP %i is a delivery', (status) => {
    expect(answer(status, '')).toEqual({ kind: 'delivered' })
  })

  it('that never came is tried again soon', () => {
    expect(outcomeOf({ failed: 'refused' })).toEqual({
      kind: 'retry',
      reason: 'No answer: refused',
    })
  })

  it.each(['', '<html>Bad gateway</html>', '{}'])(
    'without a code goes by its status: %j',
    (text) => {
      expect(meaningOf(answer(502, text))).toBe('soon')
      expect(meaningOf(answer(403, text))).toBe('owner')
    }
  )

  it.each([
    ['120', 120_000],
    ['Sat, 21 Nov 2026 06:05:05 GMT', 60_000],
    ['Sat, 21 Nov 2026 06:00:00 GMT', undefined],
    ['0', undefined],
    ['soon', undefined],
  ])('that asks to wait %s is obeyed', (header, afterMs) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 21, 6, 4, 5) })
    const outcome = answer(503, xml('SlowDown'), { 'retry-after': header })
    expect(outcome).toEqual({
      kind: 'retry',
      reason: 'HTTP 503 SlowDown It is so.',
      ...(afterMs ? { afterMs } : {}),
    })
  })
})

describe('an error code', () => {
  it.each([
    [json('QueueDoesNotExist'), 'QueueDoesNotExist'],
    ['{"__type" : "AccessDenied"}', 'AccessDenied'],
    ['{"message":"<Code>No</Code>","__type":"a#b"}', 'b'],
    [xml('NoSuchBucket'), 'NoSuchBucket'],
    ['<Error><Code></Code></Error>', ''],
    ['nonsense', ''],
    ['', ''],
  ])('in %s is “%s”', (text, code) => {
    expect(errorCode(text)).toBe(code)
  })

  it('is in a header where Lambda refuses', () => {
    const headers = new Headers({ 'x-amzn-errortype': 'AccessDeniedException:http://aws.example/' })
    expect(errorCode('{"Message":"It is so."}', headers)).toBe('AccessDeniedException')
    expect(errorCode(json('QueueDoesNotExist'), headers)).toBe('QueueDoesNotExist')
  })
})

describe('an https endpoint of AWS', () => {
  it.each([
    'https://sqs.us-east-1.amazonaws.com/123456789012/q',
    'https://bucket.s3.eu-central-1.amazonaws.com',
    'https://sqs.cn-north-1.amazonaws.com.cn/',
    'https://queue.amazonaws.com/',
    'https://sqs.eu-isoe-west-1.amazonaws.eu',
    'https://sqs.us-east-1.api.aws',
    'https://SQS.US-EAST-1.AMAZONAWS.COM',
    'https://eu-west-1.queue.amazonaws.com',
    'https://sqs-fips.us-gov-west-1.amazonaws.com',
    'https://s3.dualstack.eu-west-1.amazonaws.com',
    'https://vpce-0a1b2c3d-4e5f.sqs.us-east-1.vpce.amazonaws.com',
    'https://bucket.vpce-0a1b2c3d.s3.us-east-1.vpce.amazonaws.com',
    'https://sts.amazonaws.com',
    'https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions',
    'https://lambda-fips.us-gov-west-1.amazonaws.com',
    'https://lambda.us-east-1.api.aws',
    'https://vpce-0a1b2c3d-4e5f.lambda.us-east-1.vpce.amazonaws.com',
  ])('is %s', (url) => {
    expect(isAwsUrl(url)).toBe(true)
  })

  it.each([
    'http://sqs.us-east-1.amazonaws.com/',
    'https://amazonaws.com.evil.com',
    'https://evilamazonaws.com',
    'https://evil.com/amazonaws.com',
    'https://evil.com?.amazonaws.com',
    'https://evil.com#.amazonaws.com',
    'https://evil.com\\.amazonaws.com',
    'https://amazonaws.com@evil.com',
    'https://user:pass@sqs.us-east-1.amazonaws.com',
    'https://user@sqs.us-east-1.amazonaws.com',
    'https://sqs.us-east-1.amazonaws.com./',
    'https://sqs.us-east-1.amazonaws.com.cn.evil',
    'https://127.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://2130706433/',
    'https://localhost',
    'https://sqs.us-east-1.amazonaws.com:8443/',
    'https://ec2-203-0-113-7.compute-1.amazonaws.com',
    'https://abc.execute-api.us-east-1.amazonaws.com',
    'https://s3.us-east-1.elb.amazonaws.com',
    'https://abc.lambda-url.us-east-1.on.aws',
    'https://my-lambda.us-east-1.amazonaws.com',
    'ftp://sqs.us-east-1.amazonaws.com',
    'javascript:alert(1)//.amazonaws.com',
    'sqs.us-east-1.amazonaws.com',
    '',
  ])('is not %s', (url) => {
    expect(isAwsUrl(url)).toBe(false)
  })
})

describe('the wait before the next attempt', () => {
  const retry = { kind: 'retry' as const, reason: '' }

  it.each([
    [1, 2],
    [2, 4],
    [5, 32],
    [9, 512],
    [10, 900],
    [11, 900],
    [5000, 900],
  ])('after %i failures is from 1 to %i seconds', (attempts, seconds) => {
    expect(waitBeforeRetry(retry, attempts, 0)).toBe(1000)
    expect(waitBeforeRetry(retry, attempts, 1)).toBe(seconds * 1000)
    const middle = waitBeforeRetry(retry, attempts, 0.5)
    expect(middle).toBe(500 + seconds * 500)
  })

  it.each([1, 5, 100])(
    'is slow from the start when the owner must act: %i failures',
    (attempts) => {
      const outcome = { ...retry, ownerMustAct: true }
      expect(waitBeforeRetry(outcome, attempts, 0)).toBe(450_000)
      expect(waitBeforeRetry(outcome, attempts, 1)).toBe(900_000)
    }
  )

  it('is never less than the receiver asked for', () => {
    expect(waitBeforeRetry({ ...retry, afterMs: 3_600_000 }, 1, 1)).toBe(3_600_000)
    expect(waitBeforeRetry({ ...retry, afterMs: 10 }, 1, 0)).toBe(1000)
  })
})
