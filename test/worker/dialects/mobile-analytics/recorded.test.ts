import { afterEach, describe, expect, it, vi } from 'vitest'
import { mobileInput } from '../../../support/mobile-event'
import { putEvents } from '../../../support/put-events'
import {
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  request,
  s3Connection,
  seed,
  status,
} from '../../../support/weir'

const texts = import.meta.glob<string>('../../../fixtures/mobile-analytics/*.json', {
  eager: true,
  query: '?raw',
  import: 'default',
})

interface Recorded {
  credentials: { accessKeyId: string; secretAccessKey: string }
  signedAt: string
  request: { url: string; headers: [string, string][]; bodyBase64: string }
  decodedBody: { events: { eventType: string }[] }
  expect: { status: number }
}

const recorded = Object.entries(texts).map(([path, text]): [string, Recorded] => [
  path.split('/').at(-1) ?? path,
  JSON.parse(text),
])

afterEach(() => {
  vi.useRealTimers()
})

// The recordings render bytes as Latin-1; the runtime reads headers as UTF-8.
const headerText = (latin1: string): string =>
  new TextDecoder().decode(Uint8Array.from(latin1, (char) => char.charCodeAt(0)))

const contextText = ({ request: { headers } }: Recorded): string =>
  headers.find(([name]) => name.toLowerCase() === 'x-amz-client-context')?.[1] ?? ''

const seedFor = (one: Recorded) =>
  seed({
    sqs: false,
    input: mobileInput({
      app_id: JSON.parse(contextText(one)).services.mobile_analytics.app_id,
      access_keys: [
        {
          access_key_id: one.credentials.accessKeyId,
          secret_access_key: one.credentials.secretAccessKey,
        },
      ],
    }),
  })

const send = (headers: [string, string][], body: string) =>
  request('/2014-06-05/events', {
    method: 'POST',
    headers: headers
      .filter(([name]) => !/^(connection|content-length)$/i.test(name))
      .map(([name, value]): [string, string] => [name, headerText(value)]),
    body: Uint8Array.from(atob(body), (char) => char.charCodeAt(0)),
  })

describe.each(recorded)('the recorded request %s', (_name, one) => {
  const { headers, bodyBase64 } = one.request

  it.each([
    ['as it was sent', headers],
    ['with its headers in another order', [...headers].reverse()],
  ])('is taken %s', async (_how, sent) => {
    await seedFor(one)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(one.signedAt) })
    expect((await send(sent, bodyBase64)).status).toBe(one.expect.status)
  })

  it('lands with each of its events once when it is signed anew', async () => {
    const seeded = await seedFor(one)
    const { accessKeyId: access_key_id, secretAccessKey: secret_access_key } = one.credentials
    const body = JSON.stringify(one.decodedBody)
    const keys = { access_key_id, secret_access_key }
    const answer = await putEvents(undefined, { ...keys, context: contextText(one), body })
    expect(answer.status).toBe(202)
    await passWindow()
    await passFile()
    const lines = await linesIn(seeded.bucket)
    expect(lines.flatMap((line) => line.events)).toHaveLength(
      // A session_start with attributes is one more for those who keep them, and filtered here.
      one.decodedBody.events.length
    )
    expectBalance(await status(s3Connection(seeded)))
  })

  it.each<[string, number, [string, string][], string]>([
    ['a byte of the body differs', 0, headers, `e${bodyBase64.slice(1, -8)}${btoa('[]}}}}')}`],
    [
      'a header differs',
      0,
      headers.map(([name, value]) => [name, name === 'Host' ? 'other.example.com' : value]),
      bodyBase64,
    ],
    ['it is six minutes old', 360_000, headers, bodyBase64],
  ])('is refused when %s', async (_what, lateMs, sent, body) => {
    await seedFor(one)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(one.signedAt) + lateMs })
    const answer = await send(sent, body)
    expect(answer.status).toBe(403)
    expect(answer.headers.get('x-amzn-errortype')).toBe('InvalidSignatureException')
  })
})
