import { afterEach, describe, expect, it, vi } from 'vitest'
import { accessClient } from '../../../../../worker/outputs/aws/credentials'
import type { Deployment } from '../../../../../worker/outputs/deployment'
import type { Answered } from '../../../../../worker/outputs/firehose/exchange/answer'
import { longestPayloadBytes } from '../../../../../worker/outputs/firehose/exchange/lambda'
import {
  type AuthorizationHeader,
  type FirehoseEndpoint,
  type HttpEndpoint,
  type Purpose,
  sendToIntegration,
} from '../../../../../worker/outputs/firehose/exchange/transport'
import { assumedRole, scriptAws } from '../../../../support/aws-answers'
import { gate } from '../../../../support/gate-client'

const deployment: Deployment = {
  service: { access_key_id: 'AKIDSERVICE', secret_access_key: 'service-secret' },
  allowsCustomEndpoints: true,
  roleBucketPrefix: '',
}
const keys = { access_key_id: 'AKIDTEST', secret_access_key: 'test-secret' }
const text = '{"type":"event_processing_request","id":"é"}'
const message = { text, to: 'events' } as const

const endpointAt = (url: string, token?: string): HttpEndpoint => ({
  kind: 'http',
  urls: { registration: `${url}/registration`, events: `${url}/events`, audiences: url },
  ...(token === undefined ? {} : { token }),
})

const started = async (
  name: string,
  script: Parameters<ReturnType<typeof gate.integration>['script']>[0] = {}
) => {
  const integration = gate.integration(name)
  await integration.script(script)
  return integration
}

/** Sends and expects that something came back. */
const answerTo = async (
  endpoint: FirehoseEndpoint,
  sent: { text: string; to: Purpose } = message,
  authorization?: AuthorizationHeader
): Promise<Answered> => {
  const answer = await sendToIntegration(endpoint, sent, authorization)
  if (!('status' in answer)) throw new Error(JSON.stringify(answer))
  return answer
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an integration over HTTP', () => {
  it('gets the message as it is and answers', async () => {
    const integration = await started('plain')
    const answer = await answerTo(endpointAt(integration.url))
    expect(answer).toMatchObject({ from: 'http', status: 200, isCut: false })
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'event_processing_response' })
    const [received] = await integration.messages()
    expect(received).toMatchObject({
      path: '/events',
      message: text,
      headers: { 'content-type': 'application/json' },
    })
    expect(received?.headers).not.toHaveProperty('authorization')
  })

  it.each([
    ['registration', '/registration'],
    ['events', '/events'],
    ['audiences', ''],
  ] as const)('gets %s at the address for it', async (to, path) => {
    const integration = await started(`address-${to}`)
    await answerTo(endpointAt(integration.url), { text, to })
    expect(await integration.messages()).toMatchObject([{ path }])
  })

  it.each<[string, AuthorizationHeader | undefined, Record<string, string>]>([
    ['its token', undefined, { authorization: 'Token t0' }],
    [
      'a bearer instead of its token',
      { header: 'Authorization', value: 'Bearer b1' },
      { authorization: 'Bearer b1' },
    ],
    [
      'a header of its own beside its token',
      { header: 'X-Access', value: 'c2' },
      { authorization: 'Token t0', 'x-access': 'c2' },
    ],
  ])('is told %s', async (_, authorization, headers) => {
    const integration = await started(`told-${Object.values(headers).join('').length}`)
    await answerTo(endpointAt(integration.url, 't0'), message, authorization)
    expect(await integration.messages()).toMatchObject([{ headers }])
  })

  it('is known by its token, except for a registration', async () => {
    const integration = await started('guarded', { token: 'right' })
    const statusOf = async (given?: string, type = 'event_processing_request') =>
      (
        await answerTo(endpointAt(integration.url, given), {
          text: JSON.stringify({ type }),
          to: 'events',
        })
      ).status
    expect(await statusOf('right')).toBe(200)
    expect(await statusOf('wrong')).toBe(401)
    expect(await statusOf()).toBe(401)
    expect(await statusOf(undefined, 'module_registration_request')).toBe(200)
  })

  it('that redirects is not followed', async () => {
    const other = await started('other')
    const integration = await started('redirecting', {
      answers: [{ status: 307, headers: { location: other.url }, body: '' }],
    })
    expect(await answerTo(endpointAt(integration.url))).toMatchObject({ status: 307 })
    expect(await other.messages()).toEqual([])
  })

  it('that cuts the connection gave no answer', async () => {
    const integration = await started('cutting', { answers: [{ cut: true }] })
    const answer = await sendToIntegration(endpointAt(integration.url), message)
    expect(answer).toEqual({ failed: expect.stringMatching(/./) })
  })

  it('that takes longer than a minute gave no answer', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort('too late'))
    const answer = await sendToIntegration(endpointAt('https://integration.example'), message)
    expect(answer).toEqual({ failed: 'too late' })
    expect(limit.mock.calls).toEqual([[60_000]])
  })

  const kibibyte = 1024
  it.each([
    ['events', 64 * kibibyte],
    ['audiences', 64 * kibibyte],
    ['registration', 1024 * kibibyte],
  ] as const)('answers to %s, of which %i bytes are read', async (to, longestBytes) => {
    const integration = await started(`long-${to}`, {
      answers: [
        { times: 1, body: 'x'.repeat(longestBytes) },
        { times: 1, body: 'x'.repeat(longestBytes + 1) },
      ],
    })
    const endpoint = endpointAt(integration.url)
    const whole = await answerTo(endpoint, { text, to })
    expect([whole.text.length, whole.isCut]).toEqual([longestBytes, false])
    const cut = await answerTo(endpoint, { text, to })
    expect([cut.text.length, cut.isCut]).toEqual([longestBytes, true])
  })

  it('that never ends its answer is left', async () => {
    const cancelled = vi.fn()
    const endless = () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(32 * kibibyte)),
        cancel: cancelled,
      })
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(endless()))
    expect(await answerTo(endpointAt('https://integration.example'))).toMatchObject({ isCut: true })
    expect(cancelled).toHaveBeenCalledOnce()
  })

  it.each([
    ['', 't'],
    ['nowhere', 't'],
    ['ftp://integration.example', 't'],
    ['https://user:hush@integration.example', 't'],
    ['https://integration.example', 'hush\n'],
    ['https://integration.example', 'hush‑hush'],
  ])('at %j with the token %j waits for its owner, and tells no secret', async (url, token) => {
    const recorded = scriptAws(() => new Response())
    const answer = await sendToIntegration(endpointAt(url, token), message)
    expect(answer).toMatchObject({ outcome: { kind: 'retry', ownerMustAct: true } })
    expect(JSON.stringify(answer)).not.toContain('hush')
    expect(recorded.calls).toEqual([])
  })
})

describe('an integration that is a Lambda function', () => {
  const region = 'us-east-1'
  const endpointOf = (arn: string, access: object = keys, endpoint_url?: string) =>
    ({
      kind: 'lambda',
      arn,
      region: arn.split(':')[3] ?? region,
      access: accessClient(access, region, deployment),
      endpoint_url,
    }) satisfies FirehoseEndpoint

  it('gets the message as its payload, signed, by its alias', async () => {
    const integration = await started('function')
    const answer = await answerTo(endpointOf(integration.arn('live'), keys, gate.url))
    expect(answer).toMatchObject({ from: 'lambda', status: 200 })
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'event_processing_response' })
    expect(await integration.messages()).toMatchObject([
      {
        message: text,
        qualifier: 'live',
        headers: { 'x-amz-invocation-type': 'RequestResponse', 'content-type': 'application/json' },
      },
    ])
  })

  it('is refused by the service with the wrong keys', async () => {
    const integration = await started('refused-function')
    const wrong = { ...keys, secret_access_key: 'wrong' }
    const answer = await answerTo(endpointOf(integration.arn(), wrong, gate.url))
    expect(answer).toMatchObject({ status: 403 })
    expect(await integration.messages()).toEqual([])
  })

  it.each([
    [
      'arn:aws:lambda:eu-west-1:123456789012:function:partner:live',
      'https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Apartner/invocations?Qualifier=live',
    ],
    [
      'arn:aws:lambda:eu-west-1:123456789012:function:partner:$LATEST',
      'https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Apartner/invocations?Qualifier=%24LATEST',
    ],
    [
      'arn:aws-cn:lambda:cn-north-1:123456789012:function:partner',
      'https://lambda.cn-north-1.amazonaws.com.cn/2015-03-31/functions/arn%3Aaws-cn%3Alambda%3Acn-north-1%3A123456789012%3Afunction%3Apartner/invocations',
    ],
  ])('%s is invoked in its region', async (arn, url) => {
    const recorded = scriptAws(() => new Response('null'))
    await answerTo(endpointOf(arn))
    const [call] = recorded.calls
    expect(call).toMatchObject({ url, method: 'POST', body: text })
    expect(call?.signed).toEqual({ key: 'AKIDTEST', region: arn.split(':')[3], service: 'lambda' })
  })

  it('is signed for, whatever OAuth2 would have in that header', async () => {
    const recorded = scriptAws(() => new Response('null'))
    const bearer = { header: 'Authorization', value: 'Bearer b' }
    await answerTo(endpointOf('arn:aws:lambda:eu-west-1:1:function:f'), message, bearer)
    expect(recorded.calls).toMatchObject([{ signed: { key: 'AKIDTEST' } }])
  })

  it('without keys waits for its owner', async () => {
    const access = accessClient({}, region, { ...deployment, service: undefined })
    const endpoint = { ...endpointOf('arn:aws:lambda:eu-west-1:1:function:f'), access }
    expect(await sendToIntegration(endpoint, message)).toMatchObject({
      outcome: { kind: 'retry', ownerMustAct: true },
    })
  })

  it('has the role assumed anew after AWS called it expired', async () => {
    const recorded = scriptAws((call) => {
      if (call.signed.service === 'sts') return assumedRole(Date.now() + 3_600_000)
      return new Response('{"message":"expired"}', {
        status: 403,
        headers: { 'x-amzn-errortype': 'ExpiredTokenException' },
      })
    })
    const role_arn = 'arn:aws:iam::123456789012:role/weir'
    const endpoint = endpointOf('arn:aws:lambda:eu-west-1:1:function:f', { role_arn })
    await answerTo(endpoint)
    await answerTo(endpoint)
    const services = recorded.calls.map((call) => call.signed.service)
    expect(services).toEqual(['sts', 'lambda', 'sts', 'lambda'])
  })

  it('is not sent what the service would not take', async () => {
    const recorded = scriptAws(() => new Response('null'))
    const endpoint = endpointOf('arn:aws:lambda:eu-west-1:1:function:f')
    const most = 'é'.repeat(longestPayloadBytes / 2)
    expect(await sendToIntegration(endpoint, { text: most, to: 'events' })).toHaveProperty('status')
    const more = await sendToIntegration(endpoint, { text: `${most}.`, to: 'events' })
    expect(more).toMatchObject({ outcome: { kind: 'reject' } })
    expect(recorded.calls).toHaveLength(1)
  })

  it('at an address with a password waits for its owner', async () => {
    const arn = 'arn:aws:lambda:eu-west-1:1:function:f'
    const endpoint = endpointOf(arn, keys, 'https://user:hush@lambda.example')
    const answer = await sendToIntegration(endpoint, message)
    expect(answer).toMatchObject({ outcome: { ownerMustAct: true } })
    expect(JSON.stringify(answer)).not.toContain('hush')
  })
})
