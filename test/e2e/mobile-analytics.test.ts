import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signedHeaders } from '../support/signing'
import {
  ama,
  aws,
  type ClientError,
  clientOptions,
  demoKey,
  forgetManagers,
  makeManager,
  submit,
} from './mobile-analytics/clients'
import { eventsOf, landedOf } from './mobile-analytics/landed'
import { type Started, start, stopAll, until, untilRunning } from './started'

const data = mkdtempSync(join(tmpdir(), 'weir-mobile-'))
const HOUR_MS = 3_600_000
let weir: Started

beforeAll(async () => {
  weir = await start({ WEIR_DATA: data })
  await untilRunning(weir)
}, 120_000)
afterAll(async () => {
  await stopAll()
  rmSync(data, { recursive: true, force: true })
})

/** Waits until both places have as many events, and tells them; each must be there once. */
const landed = async (title: string, count: number) => {
  const all = () => landedOf(data, title)
  await until(() => expect(eventsOf(all().bucket)).toHaveLength(count))
  await until(() => expect(eventsOf(all().queue)).toHaveLength(count))
  const { bucket, queue } = all()
  const sorted = (batches: typeof bucket) =>
    eventsOf(batches)
      .map(({ id }) => id)
      .sort()
  expect(new Set(sorted(bucket)).size).toBe(count)
  expect(sorted(queue)).toEqual(sorted(bucket))
  return bucket
}

const contextOf = (title: string, client_id: string) =>
  JSON.stringify({
    client: { client_id, app_title: title },
    env: { platform: 'iphoneos' },
    services: { mobile_analytics: { app_id: 'demo-app' } },
  })

const eventOf = (eventType: string, ms = Date.now()) => ({
  eventType,
  timestamp: new Date(ms).toISOString(),
  version: 'v2.0',
  attributes: { who: 'it’s me ✓' },
  metrics: { score: 7.5 },
})

const failureOf = (sending: Promise<unknown>): Promise<ClientError> =>
  sending.then(
    () => Promise.reject(new Error('It was taken.')),
    (error: ClientError) => error
  )

// Most of the time they wait for a file to be written.
describe.concurrent('aws-sdk', () => {
  const put = (
    title: string,
    events: object[],
    options: Parameters<typeof clientOptions>[1] = {}
  ) =>
    new aws.MobileAnalytics({ ...clientOptions(weir.url, options), maxRetries: 1 })
      .putEvents({ events, clientContext: contextOf(title, `${title}-client`) })
      .promise()

  it('brings its events to bucket and queue, once each', async () => {
    await put('Größe', [eventOf('One'), eventOf('Two')])
    const [batch] = await landed('Größe', 2)
    expect(batch).toMatchObject({
      device_info: { platform: 'iOS' },
      source_info: { channel: 'javascript' },
      events: [{ data: { custom_attributes: { who: 'it’s me ✓', score: 7.5 } } }, {}],
    })
  })

  it('brings them with temporary credentials and in another region, too', async () => {
    const options = { token: 'FwoGZXIvYXdzEXAMPLE//token==', region: 'eu-central-1' }
    await put('Temporary', [eventOf('One')], options)
    await landed('Temporary', 1)
  })

  it.each<[string, Parameters<typeof clientOptions>[1], string]>([
    ['a wrong secret', { secret: 'wrong-secret' }, 'InvalidSignatureException'],
    ['an unknown key', { id: 'nobodys-key' }, 'UnrecognizedClientException'],
  ])('is told of %s', async (_what, options, code) => {
    const error = await failureOf(put('Refused', [eventOf('One')], options))
    expect(error).toMatchObject({ code, statusCode: 403 })
    expect(error.message).toMatch(/\.$/)
  })

  it('is told what is wrong with its events', async () => {
    const error = await failureOf(put('Refused', [eventOf('x'.repeat(51))]))
    expect(error).toMatchObject({ code: 'BadRequestException', statusCode: 400 })
    expect(error.message).toBe('events.0.eventType must be text of 1 to 50 characters.')
  })

  it('is told that there are too many', async () => {
    const error = await failureOf(put('Refused', Array(8000).fill(eventOf('One of many'))))
    expect(error).toMatchObject({ code: 'RequestEntityTooLarge', statusCode: 413 })
  })

  it.each([-HOUR_MS, HOUR_MS])('corrects a clock that is %d ms off', async (systemClockOffset) => {
    const title = `Clock ${systemClockOffset}`
    const options = { systemClockOffset, correctClockSkew: true }
    await put(title, [eventOf('One')], options as object)
    await landed(title, 1)
  })

  it('does not get through with such a clock when it may not correct it', async () => {
    const options = { systemClockOffset: HOUR_MS, correctClockSkew: false }
    const error = await failureOf(put('Refused', [eventOf('One')], options as object))
    expect(error).toMatchObject({ code: 'InvalidSignatureException', statusCode: 403 })
  })
})

describe('AMA.Manager', () => {
  it('brings a session with a purchase to bucket and queue, once each', async () => {
    const manager = makeManager(weir.url, 'A session')
    manager.recordEvent('LevelComplete', { level: 'one' }, { score: 7 })
    manager.recordMonetizationEvent({
      productId: 'sword',
      price: 1.99,
      quantity: 2,
      currency: 'USD',
    })
    manager.stopSession()
    expect(await submit(manager)).toBeNull()
    expect(manager.outputs.batchIndex).toEqual([])
    const batches = await landed('A session', 4)
    expect(eventsOf(batches).map(({ name }) => name)).toEqual([
      'session_start',
      'LevelComplete',
      'commerce_event',
      'session_end',
    ])
  })

  it('as the first example of its README makes it gets through, without title and platform', async () => {
    forgetManagers()
    const manager = new ama.Manager({
      appId: 'demo-app',
      autoSubmitEvents: false,
      clientOptions: clientOptions(weir.url),
    })
    expect(await submit(manager)).toBeNull()
  })

  it('corrects its clock and delivers', async () => {
    const manager = makeManager(weir.url, 'A wrong clock', { systemClockOffset: -HOUR_MS })
    expect(await submit(manager)).toBeNull()
    await landed('A wrong clock', 1)
  })
})

describe('what AMA.Manager does with an answer', () => {
  let server: Server
  let answer = { status: 202, type: '' }

  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      incoming.resume().on('end', () => {
        outgoing.writeHead(answer.status, answer.type ? { 'x-amzn-ErrorType': answer.type } : {})
        outgoing.end(answer.type ? '{"message":"No."}' : '')
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  })
  afterAll(() => {
    server.close()
  })

  const stubUrl = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  it.each<[number, string, 'drops' | 'keeps']>([
    [202, '', 'drops'],
    [400, 'BadRequestException', 'drops'],
    [400, 'ThrottlingException', 'keeps'],
    [400, 'SomethingElse', 'keeps'],
    [403, 'InvalidSignatureException', 'drops'],
    [403, 'ExpiredTokenException', 'drops'],
    [413, 'RequestEntityTooLarge', 'drops'],
    [429, 'ThrottlingException', 'drops'],
    [503, 'ServiceUnavailable', 'drops'],
  ])('of %d %s: it %s the batch', async (status, type, does) => {
    answer = { status, type }
    const manager = makeManager(stubUrl(), `Answer ${status} ${type}`)
    const error = await submit(manager)
    if (status === 202) expect(error).toBeNull()
    else expect(error).toMatchObject({ statusCode: status, code: type })
    expect(manager.outputs.batchIndex).toHaveLength(does === 'keeps' ? 1 : 0)
  })

  it('that never comes: it keeps the batch', async () => {
    const manager = makeManager('http://127.0.0.1:1', 'No answer')
    expect((await submit(manager))?.statusCode).toBeUndefined()
    expect(manager.outputs.batchIndex).toHaveLength(1)
  })
})

/** Posts to weir with these very headers, as a native client does. */
const post = (headers: Record<string, string>, body: Uint8Array): Promise<number | undefined> =>
  new Promise((done) => {
    const { hostname, port } = new URL(weir.url)
    const sent = request(
      { hostname, port, path: '/2014-06-05/events', method: 'POST', headers },
      (response) => {
        response.resume()
        done(response.statusCode)
      }
    )
    sent.on('error', () => done(undefined))
    sent.end(body)
  })

// Their SDKs do not run here: these are requests of the shape that their sources make.
describe.concurrent.each([
  ['iOS', { 'accept-encoding': '', 'content-type': 'application/x-amz-json-1.1' }],
  [
    'Android',
    {
      'user-agent': 'aws-sdk-android/2.2.2 Linux/3.4',
      'content-type': 'application/x-amz-json-1.0',
    },
  ],
])('a request shaped as on %s, signed by AWS’s own signer', (system, own) => {
  const shaped = async (title: string, secret_access_key: string) => {
    const body = gzipSync(JSON.stringify({ events: [eventOf('Native')] }))
    const context = Buffer.from(contextOf(title, `${title}-client`)).toString('base64')
    const headers = await signedHeaders({
      url: `${weir.url}/2014-06-05/events`,
      body,
      hash: false,
      secret_access_key,
      headers: {
        ...own,
        'content-encoding': 'gzip',
        'x-amz-client-context': context,
        'x-amz-client-context-encoding': 'base64',
        'x-amz-target': 'AmazonMobileAnalytics.PutEvents',
      },
    })
    return post(headers, body)
  }

  it('brings its events to bucket and queue, once each', async () => {
    expect(await shaped(`Größe ✓ ${system}`, demoKey.secret)).toBe(202)
    const [batch] = await landed(`Größe ✓ ${system}`, 1)
    expect(batch?.source_info).toEqual({ channel: 'native' })
  })

  it('is refused with another secret', async () => {
    expect(await shaped('Refused', 'wrong-secret')).toBe(403)
  })
})

it('answers a header of 100 KB clearly, and goes on', async () => {
  const headers = { 'x-amz-client-context': 'x'.repeat(102_400) }
  expect(await post(headers, Buffer.from('{}'))).toBe(403)
  const manager = makeManager(weir.url, 'After a large header')
  expect(await submit(manager)).toBeNull()
})
