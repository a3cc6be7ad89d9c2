import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type Answered,
  type IntegrationAnswer,
  type Judged,
  judgeAnswer,
  type ResponseType,
} from '../../../../../worker/outputs/firehose/exchange/answer'

const eventType = 'event_processing_response'
const response = (fields: object = {}, type: string = eventType) =>
  JSON.stringify({ type, id: 'one', timestamp_ms: 1, ...fields })

const answered = (more: Partial<Answered>): Answered => ({
  from: 'http',
  status: 200,
  headers: new Headers(),
  text: response(),
  isCut: false,
  ...more,
})

const judge = (more: Partial<Answered>, expected: ResponseType = eventType): Judged =>
  judgeAnswer(answered(more), expected)

/** What is to become of a message, in a word. */
type Meaning = 'taken' | 'retried' | 'retried a few times' | 'left to the owner' | 'refused'

const meaningOf = ({ outcome, limited }: Judged): Meaning => {
  if (outcome.kind === 'delivered') return 'taken'
  if (outcome.kind === 'reject') return 'refused'
  if (outcome.ownerMustAct) return 'left to the owner'
  return limited ? 'retried a few times' : 'retried'
}

const reasonOf = ({ outcome }: Judged): string => ('reason' in outcome ? outcome.reason : '')

afterEach(() => {
  vi.useRealTimers()
})

describe('a message', () => {
  it.each<[number, Meaning]>([
    [200, 'taken'],
    [202, 'taken'],
    [408, 'retried a few times'],
    [429, 'retried a few times'],
    [500, 'retried a few times'],
    [502, 'retried a few times'],
    [503, 'retried a few times'],
    [504, 'retried a few times'],
    [201, 'refused'],
    [204, 'refused'],
    [302, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
    [501, 'refused'],
    [505, 'refused'],
  ])('that is answered %i is %s', (status, meaning) => {
    const judged = judge({ status })
    expect(meaningOf(judged)).toBe(meaning)
    expect(judged.unauthorized).toBe(status === 401 ? true : undefined)
    if (meaning !== 'taken') expect(reasonOf(judged)).toContain(`HTTP ${status}`)
  })

  it('without an answer is retried a few times', () => {
    const judged = judgeAnswer({ failed: 'Network\nconnection lost.' }, eventType)
    expect(judged).toEqual({
      outcome: { kind: 'retry', reason: 'No answer: Network connection lost.' },
      suspend: false,
      limited: true,
    })
  })

  it('that could not be sent gets the outcome as it is', () => {
    const outcome = { kind: 'retry', reason: 'No keys.', ownerMustAct: true } as const
    expect(judgeAnswer({ outcome }, eventType)).toEqual({ outcome, suspend: false })
  })

  it.each<[string, number | undefined]>([
    ['7', 7000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 00:00:00 GMT', undefined],
    ['soon', undefined],
  ])('waits as Retry-After asks: %s', (after, afterMs) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
    const { outcome } = judge({ status: 503, headers: new Headers({ 'retry-after': after }) })
    expect('afterMs' in outcome ? outcome.afterMs : undefined).toBe(afterMs)
  })
})

describe('a response', () => {
  const membership = 'audience_membership_change_response'
  const subscription = 'audience_subscription_response'
  const registration = 'module_registration_response'

  it.each<[string, ResponseType, string, Meaning]>([
    ['of the type that is expected', eventType, response(), 'taken'],
    ['without a type', eventType, '{"id":"x"}', 'taken'],
    ['with the type null', subscription, '{"type":null}', 'taken'],
    ['that is empty', eventType, '', 'taken'],
    ['that is blank', 'dsr_processing_response', ' \r\n', 'taken'],
    [
      'with the bad id and time of others',
      eventType,
      response({ id: 0, timestamp_ms: 'x' }),
      'taken',
    ],
    ['of another type', eventType, response({}, membership), 'refused'],
    ['of the type of the request', eventType, response({}, 'event_processing_request'), 'refused'],
    ['that is no JSON', eventType, 'OK', 'refused'],
    ['that is a list', eventType, '[]', 'refused'],
    ['that is null', eventType, 'null', 'refused'],
    ['that is nested too deep', eventType, `{"a":${'['.repeat(300)}${']'.repeat(300)}}`, 'refused'],
    ['to a registration', registration, response({}, registration), 'taken'],
    ['to a registration without a type', registration, '{}', 'refused'],
    ['to a registration that is empty', registration, '', 'refused'],
  ])('%s', (_, expected, text, meaning) => {
    expect(meaningOf(judge({ text }, expected))).toBe(meaning)
  })

  it.each([
    ['that is no JSON', eventType, 'Accepted', 'taken'],
    ['of another type', eventType, response({}, membership), 'taken'],
    ['to a registration, which is never done later', registration, '', 'refused'],
  ] as const)('with 202 %s', (_, expected, text, meaning) => {
    expect(meaningOf(judge({ status: 202, text }, expected))).toBe(meaning)
  })

  it('that breaks the protocol is kept by its first kilobyte, in one line', () => {
    const reason = reasonOf(judge({ text: `<html>\n\u2028\t\u0007${'é'.repeat(2000)}` }))
    expect(reason).toMatch(/^HTTP 200 with a body that is no event_processing_response: <html> é+$/)
    expect(reason.length).toBeLessThan(1100)
    expect(reason.length).toBeGreaterThan(1000)
  })

  it('is not cut within a character', () => {
    const reason = reasonOf(judge({ text: `x${'😀'.repeat(1000)}` }))
    expect(new TextDecoder().decode(new TextEncoder().encode(reason))).toBe(reason)
  })

  it('that is longer than any is refused, unless it came with a failure', () => {
    expect(meaningOf(judge({ isCut: true }))).toBe('refused')
    expect(meaningOf(judge({ isCut: true, status: 503 }))).toBe('retried a few times')
    expect(meaningOf(judge({ isCut: true, status: 202 }))).toBe('taken')
  })

  it('is handed on with numbers as they were written', () => {
    const text = response({ audience_subscription_settings: { list: '5', n: 7 } }, subscription)
    expect(judge({ text }, subscription).message).toMatchObject({
      audience_subscription_settings: { list: '5', n: 7 },
    })
  })

  it.each<[ResponseType, unknown, boolean]>([
    [eventType, true, true],
    [eventType, false, false],
    [eventType, 'yes', false],
    [eventType, null, false],
    [membership, true, true],
    [subscription, true, false],
    ['dsr_processing_response', true, false],
    [registration, true, false],
  ])('%s with suspend_subscription %j suspends: %s', (type, suspend_subscription, suspend) => {
    const judged = judge({ text: response({ suspend_subscription }, type) }, type)
    expect([judged.suspend, judged.outcome.kind]).toEqual([suspend, 'delivered'])
  })

  it('that says in passing that it suspends does so with 202 as well', () => {
    expect(judge({ status: 202, text: response({ suspend_subscription: true }) }).suspend).toBe(
      true
    )
  })
})

describe('an invocation', () => {
  const invoked = (more: Partial<Answered>) => judge({ from: 'lambda', ...more })
  const refusal = (status: number, code: string) =>
    invoked({
      status,
      headers: new Headers({ 'x-amzn-errortype': `${code}:http://internal.example/` }),
      text: '{"Type":"User","Message":"It is so."}',
    })

  it.each<[number, string, Meaning]>([
    [429, 'TooManyRequestsException', 'retried'],
    [500, 'ServiceException', 'retried'],
    [502, 'EC2ThrottledException', 'retried'],
    [503, 'ServiceUnavailable', 'retried'],
    [409, 'ResourceConflictException', 'retried'],
    [403, 'ExpiredTokenException', 'retried'],
    [403, 'AccessDeniedException', 'left to the owner'],
    [404, 'ResourceNotFoundException', 'left to the owner'],
    [403, 'UnrecognizedClientException', 'left to the owner'],
    [413, 'RequestTooLargeException', 'refused'],
    [413, 'RequestEntityTooLargeException', 'refused'],
    [400, 'InvalidRequestContentException', 'refused'],
  ])('that the service answers %i %s is %s', (status, code, meaning) => {
    const judged = refusal(status, code)
    expect(meaningOf(judged)).toBe(meaning)
    expect(reasonOf(judged)).toBe(`HTTP ${status} ${code} It is so.`)
  })

  it('that is throttled waits as it is asked to', () => {
    const headers = new Headers({ 'retry-after': '3' })
    expect(invoked({ status: 429, headers, text: '' }).outcome).toMatchObject({ afterMs: 3000 })
  })

  it.each([
    ['{"errorType":"Error","errorMessage":"no\\nway"}', 'The function failed: Error: no way'],
    ['{"errorMessage":"Task timed out"}', 'The function failed: Task timed out'],
    ['no JSON', 'The function failed:'],
  ])('of a function that threw is retried a few times: %s', (text, reason) => {
    const judged = invoked({ headers: new Headers({ 'x-amz-function-error': 'Unhandled' }), text })
    expect(meaningOf(judged)).toBe('retried a few times')
    expect(reasonOf(judged).trim()).toBe(reason)
  })

  it.each<[string, unknown, Meaning]>([
    ['the response', JSON.parse(response()), 'taken'],
    ['nothing', null, 'taken'],
    ['no response', 'OK', 'refused'],
    ['a body as text', { statusCode: 200, body: response() }, 'taken'],
    ['a body as object', { statusCode: 200, body: JSON.parse(response()) }, 'taken'],
    ['a status without a body', { statusCode: 200 }, 'taken'],
    ['a status as text', { statusCode: '202', body: '' }, 'taken'],
    ['a body that is none', { statusCode: 200, body: 'OK' }, 'refused'],
    ['a body of another type', { statusCode: 200, body: { type: 'x' } }, 'refused'],
    ['a failure', { statusCode: 500, body: 'Oops' }, 'retried a few times'],
    ['a failure of the type null', { statusCode: 503, type: null }, 'retried a few times'],
    ['a throttle of its own', { statusCode: 429 }, 'retried a few times'],
    ['a refusal', { statusCode: 400, body: { error: 'no' } }, 'refused'],
    ['a status that is none', { statusCode: 'fine' }, 'refused'],
    ['a response that has a status', { ...JSON.parse(response()), statusCode: 500 }, 'taken'],
  ])('that results in %s', (_, result, meaning) => {
    expect(meaningOf(invoked({ text: JSON.stringify(result) }))).toBe(meaning)
  })

  it('keeps what a status within a result says', () => {
    const within = (result: object) => invoked({ text: JSON.stringify(result) })
    expect(within({ statusCode: 401, body: '' }).unauthorized).toBe(true)
    expect(within({ statusCode: 503, headers: { 'Retry-After': 9 } }).outcome).toMatchObject({
      afterMs: 9000,
    })
    const body = response({ suspend_subscription: true })
    expect(within({ statusCode: 200, body }).suspend).toBe(true)
  })

  it('is unwrapped, an answer over HTTP is not', () => {
    const text = JSON.stringify({ statusCode: 500 })
    const http: IntegrationAnswer = answered({ text })
    expect(meaningOf(judgeAnswer(http, eventType))).toBe('taken')
  })
})
