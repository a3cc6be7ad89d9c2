import { describe, expect, it } from 'vitest'
import { readTokenAnswer, type TokenAnswer } from '../../../worker/authorizations/token-answer'

const answerOf = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {}
): TokenAnswer => ({
  status,
  headers: new Headers(headers),
  text: typeof body === 'string' ? body : JSON.stringify(body),
})

const read = (answer: TokenAnswer, secrets: string[] = [], defaultSeconds?: number) =>
  readTokenAnswer(answer, { defaultSeconds, secrets })

describe('an answer with tokens', () => {
  it.each([
    [{ expires_in: 3600 }, undefined, 3_600_000],
    [{ expires_in: '3600' }, undefined, 3_600_000],
    [{ expires_in: 0.5 }, undefined, 500],
    [{ expires_in: 60 }, 90, 60_000],
    [{}, 90, 90_000],
    [{ expires_in: null }, 90, 90_000],
    [{ expires_in: 0 }, 90, 90_000],
    [{ expires_in: 'soon' }, 90, 90_000],
    [{ expires_in: '' }, undefined, undefined],
    [{ expires_in: -1 }, undefined, undefined],
    [{}, undefined, undefined],
    [{}, 0, undefined],
    [{ expires_in: 1e300 }, undefined, 10 * 365 * 86_400_000],
  ])('and %j, by default %s s, lives %s ms', (fields, defaultSeconds, lifetimeMs) => {
    const body = { access_token: 'abc', token_type: 'bearer', ...fields }
    const issued = { access_token: 'abc', refresh_token: undefined, lifetimeMs }
    expect(read(answerOf(200, body), [], defaultSeconds)).toEqual({ ok: true, issued })
  })

  it.each([
    [{ refresh_token: 'r-1' }, 'r-1'],
    [{ refresh_token: '' }, undefined],
    [{ refresh_token: null }, undefined],
    [{ refresh_token: 7 }, undefined],
  ])('and %j has the refresh token %s', (fields, refresh_token) => {
    const body = { access_token: 'abc', ...fields }
    expect(read(answerOf(201, body))).toMatchObject({ issued: { refresh_token } })
  })

  it.each([
    ['{"access_token":""}'],
    ['{"access_token":12}'],
    ['{"access_token":"a\\nb"}'],
    ['{"access_token":"ü"}'],
    ['{}'],
    ['[]'],
    ['null'],
    [''],
    ['access_token=abc'],
    ['<html>'],
  ])('that is %s has no token, and is asked for again', (text) => {
    const reason = 'The token server answered without an access token.'
    expect(read(answerOf(200, text))).toEqual({ ok: false, outcome: { kind: 'retry', reason } })
  })
})

describe('an answer with an error', () => {
  const owner = { ownerMustAct: true }

  it.each<[number, unknown, object, string]>([
    [
      400,
      { error: 'invalid_grant' },
      owner,
      'HTTP 400, invalid_grant. Authorize the output again.',
    ],
    [401, { error: 'invalid_client' }, owner, 'HTTP 401, invalid_client.'],
    [400, { error: 'unauthorized_client' }, owner, 'HTTP 400, unauthorized_client.'],
    [200, { error: 'bad_verification_code' }, owner, 'HTTP 200, bad_verification_code.'],
    [400, { error: 'invalid_scope', error_description: 'No.' }, owner, 'invalid_scope: No.'],
    [404, '<html>', owner, 'HTTP 404.'],
    [302, '', owner, 'HTTP 302.'],
    [400, { error: 'temporarily_unavailable' }, {}, 'HTTP 400, temporarily_unavailable.'],
    [408, '', {}, 'HTTP 408.'],
    [429, '', {}, 'HTTP 429.'],
    [500, { error: 'invalid_grant' }, {}, 'HTTP 500, invalid_grant.'],
    [503, 'down', {}, 'HTTP 503.'],
  ])('of %d %j is told apart by who can mend it', (status, body, fields, words) => {
    const result = read(answerOf(status, body))
    const outcome = { kind: 'retry', reason: expect.stringContaining(words), ...fields }
    expect(result).toEqual({ ok: false, outcome })
  })

  it('is waited for as long as the server asks', () => {
    const result = read(answerOf(503, '', { 'retry-after': '120' }))
    expect(result).toMatchObject({ outcome: { kind: 'retry', afterMs: 120_000 } })
  })

  it('that never came is worth a retry', () => {
    expect(read({ failed: 'connection reset' })).toEqual({
      ok: false,
      outcome: { kind: 'retry', reason: 'The token server gave no answer: connection reset' },
    })
  })

  const secrets = ['s3cr3t+/value', 'refresh-token-1']
  it.each<[TokenAnswer]>([
    [answerOf(400, { error: 'x', error_description: 'bad secret s3cr3t+/value' })],
    [answerOf(400, { error: 'x', error_description: `bad ${encodeURIComponent(secrets[0]!)}` })],
    [answerOf(400, { error: 'refresh-token-1' })],
    [answerOf(500, { error: 'x', error_description: 'refresh-token-1 is used' })],
    [answerOf(400, { error: 'x', error_description: 'token refresh-tok... is used' })],
    [answerOf(400, 'refresh-token-1')],
    [{ failed: 'could not send refresh-token-1' }],
  ])('that quotes a secret is told without it: %j', (answer) => {
    const told = JSON.stringify(read(answer, secrets))
    for (const part of ['s3cr3t', 'refresh-tok']) expect(told).not.toContain(part)
  })

  it('is told in one short line', () => {
    const error_description = `a\r\n\u0000b\u202e${'c'.repeat(10_000)}`
    const result = read(answerOf(400, { error: 'e<script>', error_description }))
    const reason = 'outcome' in result && 'reason' in result.outcome ? result.outcome.reason : ''
    expect(reason).toMatch(/^The token server answered HTTP 400, a b c+\.$/)
    expect(reason.length).toBeLessThan(400)
  })
})
