import { AwsClient } from 'aws4fetch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Gate, startGate } from '../support/gate/gate'

const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a/very+secret=key' }
const request = (type = 'event_processing_request') => JSON.stringify({ type, id: 'one' })

let gate: Gate

beforeEach(async () => {
  gate = await startGate({ credentials: KEYS })
})
afterEach(() => gate.stop())

const control = async (path: string, body?: unknown) => {
  const response = await fetch(`${gate.url}/_gate/${path}`, {
    ...(body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) }),
  })
  return response.json()
}

const script = (body: object) => control('integration?name=partner', body)
const messages = () => control('integration-messages?name=partner')

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${gate.url}${path}`, { method: 'POST', body, headers })

const send = (body = request(), headers: Record<string, string> = {}) =>
  post('/integrations/partner/events', body, headers)

const invoke = (name = 'partner', credentials: object = {}) =>
  new AwsClient({ ...KEYS, ...credentials, retries: 0 }).fetch(
    `${gate.url}/2015-03-31/functions/${encodeURIComponent(name)}/invocations?Qualifier=live`,
    { method: 'POST', body: request(), aws: { service: 'lambda', region: 'us-east-1' } }
  )

describe('an integration of the gate', () => {
  it('does not exist until it was scripted', async () => {
    expect((await send()).status).toBe(404)
    await script({})
    expect((await send()).status).toBe(200)
  })

  it('answers by the protocol and keeps what it got', async () => {
    await script({ registration: { name: 'Partner' } })
    expect(await (await send()).json()).toMatchObject({ type: 'event_processing_response' })
    const registration = await (await send(request('module_registration_request'))).json()
    expect(registration).toMatchObject({ type: 'module_registration_response', name: 'Partner' })
    expect((await send('no JSON')).status).toBe(400)
    expect(await messages()).toMatchObject([
      { path: '/events', message: request() },
      { path: '/events', message: request('module_registration_request') },
      { path: '/events', message: 'no JSON' },
    ])
  })

  it('uses up its answers in order, each for the messages that it is for', async () => {
    const dsr = 'dsr_processing_request'
    await script({
      answers: [
        { match: { type: dsr }, times: 1, status: 503, headers: { 'retry-after': '9' } },
        { times: 2, fields: { suspend_subscription: true } },
        { status: 418, body: 'tea' },
      ],
    })
    expect(await (await send()).json()).toMatchObject({ suspend_subscription: true })
    const refused = await send(request(dsr))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '9'])
    expect((await send(request(dsr))).status).toBe(200)
    const last = await send()
    expect([last.status, await last.text()]).toEqual([418, 'tea'])
  })

  it('wants its token, and keeps what it refuses', async () => {
    await script({ token: 'secret' })
    const statuses = [
      (await send()).status,
      (await send(request(), { authorization: 'Token secret' })).status,
      (await send(request('module_registration_request'))).status,
    ]
    expect(statuses).toEqual([401, 200, 200])
    expect(await messages()).toHaveLength(3)
  })

  it('cuts the connection when it is told to', async () => {
    await script({ answers: [{ cut: true }] })
    await expect(send()).rejects.toThrow()
    expect(await messages()).toHaveLength(1)
  })

  it('refuses a script that it does not understand', async () => {
    expect(await script({ answer: [] })).toMatchObject({ error: expect.stringMatching(/answer/) })
  })
})

describe('the token endpoint of an integration', () => {
  const tokenFor = async (form: Record<string, string>) =>
    (await post('/oauth/partner/token', new URLSearchParams(form).toString())).json()
  const code = { grant_type: 'authorization_code', code: 'c' }

  it('hands out tokens, of which the latest is good', async () => {
    await script({ oauth: { expires_in: 60 } })
    expect(await tokenFor(code)).toEqual({
      access_token: 'access-partner-1',
      refresh_token: 'refresh-partner-1',
      token_type: 'Bearer',
      expires_in: 60,
    })
    const bearer = (count: number) => ({ authorization: `Bearer access-partner-${count}` })
    expect((await send(request(), bearer(1))).status).toBe(200)
    await tokenFor({ grant_type: 'refresh_token', refresh_token: 'refresh-partner-1' })
    expect((await send(request(), bearer(1))).status).toBe(401)
    expect((await send(request(), bearer(2))).status).toBe(200)
    const reused = { grant_type: 'refresh_token', refresh_token: 'refresh-partner-1' }
    expect(await tokenFor(reused)).toEqual({ error: 'invalid_grant' })
    expect(await control('token-requests?name=partner')).toMatchObject([
      { form: code },
      { form: { grant_type: 'refresh_token' } },
      { form: reused },
    ])
  })

  it('gives no refresh token for client credentials, and voids tokens when scripted anew', async () => {
    const oauth = { header: 'X-Access' }
    await script({ oauth })
    const granted = await tokenFor({ grant_type: 'client_credentials' })
    expect(granted).toEqual({ access_token: 'access-partner-1', token_type: 'Bearer' })
    const headers = { 'x-access': 'access-partner-1' }
    expect((await send(request(), headers)).status).toBe(200)
    await script({ oauth })
    expect((await send(request(), headers)).status).toBe(401)
  })

  it('answers as it is told to', async () => {
    await script({ oauth: { answers: [{ times: 1, status: 503, body: { error: 'busy' } }] } })
    expect(await tokenFor(code)).toEqual({ error: 'busy' })
    expect(await tokenFor(code)).toMatchObject({ access_token: 'access-partner-1' })
  })
})

describe('an integration of the gate as a Lambda function', () => {
  it.each(['partner', 'arn:aws:lambda:us-east-1:000000000000:function:partner'])(
    'is invoked as %s',
    async (name) => {
      await script({})
      const answer = await invoke(name)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ type: 'event_processing_response' })
      expect(await messages()).toMatchObject([{ qualifier: 'live', message: request() }])
      expect(gate.requests).toMatchObject([{ service: 'lambda', functionName: 'partner' }])
    }
  )

  it('is refused to a wrong signature', async () => {
    await script({})
    const answer = await invoke('partner', { secretAccessKey: 'wrong' })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('x-amzn-errortype')).toBe('InvalidSignatureException')
    expect(await messages()).toEqual([])
  })

  it('fails as functions and the service do', async () => {
    expect((await invoke()).headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException')
    await script({
      answers: [
        { times: 1, function_error: { errorMessage: 'Boom' } },
        { times: 1, api_error: 'TooManyRequestsException' },
        { times: 1, api_error: 'AccessDeniedException', status: 403 },
      ],
    })
    const thrown = await invoke()
    expect([thrown.status, thrown.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled'])
    expect(await thrown.json()).toEqual({ errorType: 'Error', errorMessage: 'Boom' })
    expect((await invoke()).status).toBe(429)
    expect((await invoke()).status).toBe(403)
    expect((await invoke()).status).toBe(200)
  })

  it('is struck by faults', async () => {
    await script({})
    const match = { service: 'lambda' as const }
    gate.faults.set([
      { match, fault: 'throttle', times: 1 },
      { match, fault: 'cut_after', times: 1 },
    ])
    expect((await invoke()).status).toBe(429)
    expect(await messages()).toEqual([])
    await expect(invoke()).rejects.toThrow()
    expect(await messages()).toHaveLength(1)
  })
})
