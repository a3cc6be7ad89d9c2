import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type HttpOptions,
  handleRequest,
  lambda,
  type MessageProcessor,
  node,
  PermanentError,
  RetryableError,
  SettingError,
  worker,
} from '../../sdk/firehose'
import { eventRequest, readFixture, registrationRequest } from './fixture'
import { Recorder } from './recorder'

interface Call {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
}
interface Answer {
  status: number
  headers: Headers
  body: unknown
}
type Adapter = (processor: MessageProcessor, options: HttpOptions, call: Call) => Promise<Answer>

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const answerOf = async (response: Response): Promise<Answer> => ({
  status: response.status,
  headers: response.headers,
  body: await response.json(),
})

const requestOf = (origin: string, { method = 'POST', path = '/', headers, body }: Call) =>
  new Request(`${origin}${path}`, {
    method,
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  })

/** The listener behind a server of Node's, reached by HTTP. */
const overHttp: Adapter = async (processor, options, call) => {
  const listener = node(processor, options)
  const server = createServer((request, response) => void listener(request, response))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return answerOf(await fetch(requestOf(`http://127.0.0.1:${port}`, call)))
}

const inWorker: Adapter = async (processor, options, call) =>
  answerOf(await worker(processor, options).fetch(requestOf('https://acme.example', call), {}))

const functionUrl =
  (isBase64Encoded: boolean): Adapter =>
  async (processor, options, { method = 'POST', path = '/', headers = {}, body }) => {
    const event = {
      version: '2.0',
      rawPath: path.replace(/\?.*/, ''),
      rawQueryString: '',
      headers,
      requestContext: { http: { method, path } },
      ...(body !== undefined && {
        body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
        isBase64Encoded,
      }),
    }
    const answer = await lambda(processor, options)(event)
    if (!('statusCode' in answer)) throw Error('It was taken for an invocation.')
    return {
      status: answer.statusCode,
      headers: new Headers(answer.headers),
      body: JSON.parse(answer.body),
    }
  }

const events = readFixture('EventProcessingRequest_android.json')
const registration = JSON.stringify(registrationRequest)
const hook = 'processProductActionEvent'
const failing = (failure: unknown): Recorder => {
  const recorder = new Recorder()
  recorder.failures[hook] = failure
  return recorder
}
const token = { token: 'secret' }
const authorized = (value: string) => ({ headers: { authorization: value }, body: events })

describe.each<[string, Adapter]>([
  ['a Worker', inWorker],
  ['a server of Node', overHttp],
  ['a function URL', functionUrl(false)],
  ['a function URL with base64', functionUrl(true)],
])('%s', (_, call) => {
  it('answers a message in JSON', async () => {
    const { status, headers, body } = await call(new Recorder(), {}, { body: events })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(body).toMatchObject({ type: 'event_processing_response', firehose_version: '3.2.0' })
  })

  it.each<[number, string, MessageProcessor, HttpOptions, Call]>([
    [400, 'no JSON', new Recorder(), {}, { body: 'hello' }],
    [400, 'no body', new Recorder(), {}, {}],
    [400, 'no type', new Recorder(), {}, { body: '{}' }],
    [400, 'an unknown type', new Recorder(), {}, { body: '{"type":"party_request"}' }],
    [400, 'a response', new Recorder(), {}, { body: readFixture('EventProcessingResponse.json') }],
    [401, 'no token', new Recorder(), token, { body: events }],
    [401, 'a wrong token', new Recorder(), token, authorized('Token secreT')],
    [401, 'a token of another kind', new Recorder(), token, authorized('Bearer secret')],
    [401, 'a part of the token', new Recorder(), token, authorized('Token secre')],
    [401, 'an empty token', new Recorder(), { token: '' }, authorized('Token ')],
    [
      401,
      'any token, when none is set',
      new Recorder(),
      { token: undefined },
      authorized('Token x'),
    ],
    [200, 'the token', new Recorder(), token, authorized('Token secret')],
    [200, 'the token, spelt otherwise', new Recorder(), token, authorized('token  secret')],
    [200, 'registration without a token', new Recorder(), token, { body: registration }],
    [
      200,
      'registration with a wrong token',
      new Recorder(),
      token,
      { ...authorized('Token x'), body: registration },
    ],
    [404, 'another path', new Recorder(), { path: '/firehose' }, { path: '/', body: events }],
    [
      200,
      'the path',
      new Recorder(),
      { path: '/firehose' },
      { path: '/firehose?a=1', body: events },
    ],
    [405, 'GET', new Recorder(), {}, { method: 'GET' }],
    [405, 'PUT', new Recorder(), {}, { method: 'PUT', body: events }],
    [
      413,
      'a body that is too long',
      new Recorder(),
      { maxBytes: events.length - 1 },
      { body: events },
    ],
    [200, 'a body that is just not', new Recorder(), { maxBytes: events.length }, { body: events }],
    [422, 'a permanent error', failing(new PermanentError('no')), {}, { body: events }],
    [422, 'a wrong setting', failing(new SettingError('no')), {}, { body: events }],
    [503, 'an error worth a retry', failing(new RetryableError('later')), {}, { body: events }],
    [
      429,
      'one with a delay',
      failing(new RetryableError('later', { afterSeconds: 2.5 })),
      {},
      { body: events },
    ],
    [
      429,
      'one with no delay at all',
      failing(new RetryableError('now', { afterSeconds: 0 })),
      {},
      { body: events },
    ],
    [500, 'any other error', failing(Error('s3cret')), {}, { body: events }],
    [500, 'what is no error', failing('s3cret'), {}, { body: events }],
  ])('says %i to %s', async (status, _case, processor, options, request) => {
    const answer = await call(processor, options, request)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(JSON.stringify(answer.body)).not.toContain('s3cret')
    if (status !== 200) expect(answer.body).toEqual({ error: expect.stringMatching(/./) })
  })

  it('says what is allowed, and when to come again', async () => {
    const refused = await call(new Recorder(), {}, { method: 'DELETE' })
    expect(refused.headers.get('allow')).toBe('POST')
    const busy = failing(new RetryableError('later', { afterSeconds: 2.5 }))
    const { headers } = await call(busy, {}, { body: events })
    expect(headers.get('retry-after')).toBe('3')
  })

  it('calls no hook without the token, and logs that', async () => {
    const recorder = new Recorder()
    await call(recorder, token, { body: events })
    expect(recorder.calls).toEqual([])
    expect(recorder.logged).toEqual([expect.stringContaining('token')])
  })

  it('logs what was thrown', async () => {
    const recorder = failing(Error('broken'))
    await call(recorder, {}, { body: events })
    expect(recorder.logged.length).toBe(1)
  })

  it('keeps the digits of a session, and characters of any length', async () => {
    const recorder = new Recorder()
    const text = JSON.stringify({ ...eventRequest, mpid: 'é€😀' }).replace(
      '[]',
      '[{"type":"session_start","session_id":-1096377938905861812}]'
    )
    await call(recorder, {}, { body: text })
    expect(recorder.received[1]).toMatchObject({ session_id: '-1096377938905861812' })
    expect(recorder.received[0]).toMatchObject({ mpid: 'é€😀' })
  })
})

describe('a server of Node', () => {
  it('answers a body that is far too long, also one of unknown length', async () => {
    const part = new Uint8Array(65_536).fill(32)
    let parts = 100
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (parts-- > 0 ? controller.enqueue(part) : controller.close()),
    })
    const server = createServer((request, response) => {
      void node(new Recorder(), { maxBytes: 100_000 })(request, response)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const request = { method: 'POST', body, duplex: 'half' } as RequestInit
    expect((await fetch(`http://127.0.0.1:${port}`, request)).status).toBe(413)
  })

  it.each([
    ['an object', JSON.parse(events)],
    ['text', events],
    ['bytes', Buffer.from(events)],
  ])('takes a body that was read before, as %s', async (_, body) => {
    const written: unknown[] = []
    const request = { method: 'POST', url: '/', headers: {}, body }
    const nothing = (async function* () {})()
    await node(new Recorder())(Object.assign(nothing, request), {
      writeHead: (status) => written.push(status),
      end: () => undefined,
    })
    expect(written).toEqual([200])
  })
})

describe('a Worker', () => {
  it('makes its processor from its bindings, and asks them for the token', async () => {
    const env = { TOKEN: 'secret', recorder: new Recorder() }
    const { fetch } = worker<typeof env>(({ recorder }) => recorder, {
      token: async ({ TOKEN }) => TOKEN,
    })
    const send = (authorization: string) =>
      fetch(requestOf('https://acme.example', { headers: { authorization }, body: events }), env)
    expect((await send('Token wrong')).status).toBe(401)
    expect((await send('Token secret')).status).toBe(200)
    expect(env.recorder.calls).toContain(hook)
  })

  it('refuses all but registration when its bindings lack the token', async () => {
    const { fetch } = worker<{ TOKEN?: string }>(new Recorder(), { token: ({ TOKEN }) => TOKEN })
    const send = (body: string) =>
      fetch(requestOf('https://acme.example', { headers: { authorization: 'Token x' }, body }), {})
    expect((await send(events)).status).toBe(401)
    expect((await send(registration)).status).toBe(200)
  })

  it('is of use in a route of another framework', async () => {
    const request = requestOf('https://acme.example', { body: registration })
    expect((await handleRequest(new Recorder(), request)).status).toBe(200)
  })
})

describe('a function of Lambda that is invoked directly', () => {
  it.each([events, registration])('answers %s with the message itself', async (text) => {
    const answer = await lambda(new Recorder(), token)(JSON.parse(text))
    expect(answer).toMatchObject({
      firehose_version: '3.2.0',
      type: expect.stringMatching(/response$/),
    })
    expect(answer).not.toHaveProperty('suspend_subscription')
  })

  it.each([new RetryableError('later', { afterSeconds: 1 }), Error('broken'), 'broken'])(
    'throws %s, which is worth a retry',
    async (failure) => {
      await expect(lambda(failing(failure))(JSON.parse(events))).rejects.toBe(failure)
    }
  )

  it('logs a permanent error and answers, since what is thrown would come again', async () => {
    const recorder = failing(new PermanentError('no'))
    const answer = await lambda(recorder)(JSON.parse(events))
    expect(answer).toMatchObject({ type: 'event_processing_response' })
    expect(recorder.logged.length).toBe(1)
  })

  it('throws also a permanent error of the registration, to which there is no other answer', async () => {
    const recorder = new Recorder()
    recorder.failures.processRegistrationRequest = new PermanentError('no')
    await expect(lambda(recorder)(registrationRequest)).rejects.toThrow('no')
  })

  it.each([
    null,
    undefined,
    5,
    'hello',
    {},
    [],
    { type: 'party' },
    { type: 'event_processing_response' },
  ])('refuses %j like an HTTP server', async (event) => {
    expect(await lambda(new Recorder())(event)).toMatchObject({ statusCode: 400 })
  })

  it('takes a request of a REST API, too', async () => {
    const event = {
      httpMethod: 'POST',
      path: '/prod',
      headers: { Authorization: 'Token secret' },
      requestContext: { stage: 'prod' },
      body: events,
    }
    expect(await lambda(new Recorder(), token)(event)).toMatchObject({ statusCode: 200 })
  })
})
