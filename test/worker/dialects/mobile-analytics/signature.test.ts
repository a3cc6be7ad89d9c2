import { describe, expect, it } from 'vitest'
import { readAuthorization } from '../../../../worker/dialects/mobile-analytics/authorization'
import { isRefusal } from '../../../../worker/dialects/mobile-analytics/refusal'
import { checkSignature, sha256 } from '../../../../worker/dialects/mobile-analytics/signature'
import { accessKey, type Signing, signedHeaders } from '../../../support/signing'

const at = new Date('2026-11-21T02:50:19Z')
const { secret_access_key: secret } = accessKey

interface Received {
  url?: string
  body?: string
  headers?: Record<string, string>
  acceptEncoding?: string
  now?: number
  secret?: string
}

/** What becomes of a request that AWS's signer signed and that arrived as given. */
const verdict = async (given: Signing, received: Received = {}): Promise<string> => {
  const url = given.url ?? 'https://weir.test/2014-06-05/events'
  const signed = await signedHeaders({ at, ...given, url })
  const headers = new Headers({ ...signed, ...received.headers })
  const authorization = readAuthorization(headers)
  if (isRefusal(authorization)) return authorization.type
  const body = received.body ?? given.body ?? ''
  const bodyHash = await sha256(body)
  const { acceptEncoding } = received
  const parts = {
    method: 'POST',
    url: new URL(received.url ?? url),
    headers,
    acceptEncoding,
    bodyHash,
  }
  const context = { secret: received.secret ?? secret, now: received.now ?? at.getTime() }
  const refused = await checkSignature(parts, authorization, context)
  return refused?.type ?? 'signed'
}

const event = { body: '{"events":[]}' }

describe('a request signed by AWS’s own signer', () => {
  it.each<[string, Signing]>([
    ['plainly', event],
    ['without a body', {}],
    ['with a token', { ...event, session_token: 'FwoGZXIvYXdzEXAMPLE//////////token==' }],
    ['for another region', { ...event, region: 'eu-central-1' }],
    ['for a port', { ...event, url: 'http://127.0.0.1:8787/2014-06-05/events' }],
    ['below a base path', { ...event, url: 'https://example.com/hello/2014-06-05/events' }],
    ['below one that is escaped', { ...event, url: 'https://example.com/a%20b/2014-06-05/events' }],
    ['below one with odd characters', { ...event, url: "https://example.com/it's(me)!*/x" }],
    ['with a query', { ...event, url: 'https://weir.test/x?b=2&a=1&a=0&c' }],
    ['with an escaped query', { ...event, url: 'https://weir.test/x?name=%C3%BC%20%2B&z=%2F' }],
    [
      'with runs of spaces in a header',
      { ...event, headers: { 'x-amz-client-context': '{"a":"b  c \t d"}' } },
    ],
    [
      'with a header in other letters',
      { ...event, headers: { 'x-amz-client-context': '{"t":"Tür ✓"}' } },
    ],
    [
      'with many headers',
      {
        ...event,
        headers: {
          'content-encoding': 'gzip',
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-client-context-encoding': 'base64',
          'x-amz-target': 'AmazonMobileAnalytics.PutEvents',
          'x-amz-user-agent': 'aws-sdk-js/2.1693.0',
        },
      },
    ],
  ])('%s is signed', async (_how, given) => {
    expect(await verdict(given)).toBe('signed')
  })

  it.each<[string, Signing, Received]>([
    ['another body', event, { body: '{"events":[{}]}' }],
    ['another host', event, { headers: { host: 'elsewhere.test' } }],
    ['another path', event, { url: 'https://weir.test/2014-06-05/event' }],
    ['another query', event, { url: 'https://weir.test/2014-06-05/events?a=1' }],
    ['another secret', event, { secret: 'demo-mobile-secreT' }],
    [
      'a header of another value',
      { ...event, headers: { 'x-amz-a': '1' } },
      { headers: { 'x-amz-a': '2' } },
    ],
    ['another service', { ...event, service: 'mobiletargeting' }, {}],
    ['a hash of another body', event, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }],
    ['a clock over 5 minutes ahead', event, { now: at.getTime() - 300_001 }],
    ['a clock over 5 minutes behind', event, { now: at.getTime() + 300_001 }],
  ])('but with %s has an invalid signature', async (_what, given, received) => {
    expect(await verdict(given, received)).toBe('InvalidSignatureException')
  })

  it.each([300_000, -300_000])('with a clock %d ms off is signed', async (offMs) => {
    expect(await verdict(event, { now: at.getTime() + offMs })).toBe('signed')
  })

  it.each<[string, string, string | undefined]>([
    ['an empty value, as on iOS', '', undefined],
    ['identity', 'identity', undefined],
    ['what the edge tells', 'gzip, deflate;q=0.5', 'gzip, deflate;q=0.5'],
    ['what arrived', 'br, gzip', undefined],
  ])(
    'over an Accept-Encoding of %s is signed, though the edge rewrites it',
    async (_what, sent, acceptEncoding) => {
      const given = { ...event, headers: { 'accept-encoding': sent } }
      expect((await signedHeaders(given)).authorization).toContain('=accept-encoding;')
      const received: Received = { headers: { 'accept-encoding': 'br, gzip' } }
      if (acceptEncoding !== undefined) received.acceptEncoding = acceptEncoding
      expect(await verdict(given, received)).toBe('signed')
      expect(await verdict(given, { ...received, body: '{}' })).toBe('InvalidSignatureException')
    }
  )

  it('needs no hash of the body among its headers, which is signed even so', async () => {
    const android: Signing = { ...event, hash: false }
    expect(await signedHeaders(android)).not.toHaveProperty('x-amz-content-sha256')
    expect(await verdict(android)).toBe('signed')
    expect(await verdict(android, { body: '{}' })).toBe('InvalidSignatureException')
  })

  it('is not taken under a secret that was replaced, though it was before', async () => {
    expect(await verdict(event)).toBe('signed')
    expect(await verdict(event, { secret: 'replaced-secret' })).toBe('InvalidSignatureException')
  })

  it('that lost characters of its context on the way is told of base64', async () => {
    const headers = new Headers(
      await signedHeaders({ ...event, at, headers: { 'x-amz-client-context': '{"t":"ü"}' } })
    )
    headers.set('x-amz-client-context', '{"t":"\u{FFFD}"}')
    const authorization = readAuthorization(headers)
    if (isRefusal(authorization)) throw new Error(authorization.message)
    const url = new URL('https://weir.test/2014-06-05/events')
    const parts = { method: 'POST', url, headers, bodyHash: await sha256(event.body) }
    const refused = await checkSignature(parts, authorization, { secret, now: at.getTime() })
    expect(refused).toMatchObject({ type: 'InvalidSignatureException', status: 403 })
    expect(refused?.message).toContain('x-amz-Client-Context-Encoding: base64')
  })
})

describe('an Authorization header', () => {
  const good =
    'AWS4-HMAC-SHA256 Credential=KEY/20261121/us-east-1/mobileanalytics/aws4_request, SignedHeaders=host;x-amz-date, Signature='
  const signature = '0'.repeat(64)
  const read = (authorization?: string, date = '20261121T025019Z') =>
    readAuthorization(
      new Headers({ 'x-amz-date': date, ...(authorization ? { authorization } : {}) })
    )

  it('is read with or without spaces between its parts', () => {
    const expected = {
      accessKeyId: 'KEY',
      day: '20261121',
      region: 'us-east-1',
      service: 'mobileanalytics',
      signedHeaders: ['host', 'x-amz-date'],
      signature,
      signedAt: '20261121T025019Z',
    }
    expect(read(`${good}${signature}`)).toEqual(expected)
    expect(read(`${good}${signature}`.replaceAll(', ', ','))).toEqual(expected)
  })

  it.each<[string, string, Record<string, string>]>([
    ['repeats a name', 'host;x-amz-date;x-amz-date', {}],
    ['repeats a name in other case', 'Host;host;x-amz-date', {}],
    [
      'names more than 50 headers',
      ['host', 'x-amz-date', ...Array.from({ length: 49 }, (_, i) => `x-${i}`)].join(';'),
      {},
    ],
    ['leaves out the token', 'host;x-amz-date', { 'X-Amz-Security-Token': 'token' }],
    ['leaves out the client context', 'host;x-amz-date', { 'x-amz-Client-Context': '{}' }],
    [
      'leaves out its encoding',
      'host;x-amz-client-context;x-amz-date',
      { 'x-amz-Client-Context': 'e30=', 'x-amz-Client-Context-Encoding': 'base64' },
    ],
  ])('that %s is refused', (_what, names, beside) => {
    const authorization = `${good}${signature}`.replace('host;x-amz-date', names)
    const headers = new Headers({ 'x-amz-date': '20261121T025019Z', authorization, ...beside })
    expect(readAuthorization(headers)).toMatchObject({
      status: 403,
      type: 'IncompleteSignatureException',
      message: expect.stringContaining('SignedHeaders'),
    })
  })

  it.each<[string, string | undefined, string | undefined, string]>([
    ['is missing', undefined, undefined, 'MissingAuthenticationTokenException'],
    ['is of another kind', 'Bearer abc', undefined, 'IncompleteSignatureException'],
    [
      'has no Credential',
      good.replace('Credential', 'Key'),
      undefined,
      'IncompleteSignatureException',
    ],
    [
      'has a short scope',
      good.replace('/us-east-1', ''),
      undefined,
      'IncompleteSignatureException',
    ],
    [
      'ends its scope otherwise',
      good.replace('aws4_request', 'x'),
      undefined,
      'IncompleteSignatureException',
    ],
    [
      'does not sign the host',
      good.replace('host;', ''),
      undefined,
      'IncompleteSignatureException',
    ],
    [
      'does not sign the date',
      good.replace(';x-amz-date', ''),
      undefined,
      'IncompleteSignatureException',
    ],
    [
      'has a short signature',
      good.replace('Signature=', 'Signature=0'),
      undefined,
      'IncompleteSignatureException',
    ],
    [
      'comes with another date',
      `${good}${signature}`,
      '20261122T025019Z',
      'IncompleteSignatureException',
    ],
    [
      'comes with a date that is none',
      `${good}${signature}`,
      '20261121',
      'IncompleteSignatureException',
    ],
  ])('that %s is refused', (_what, header, date, type) => {
    expect(read(header, date)).toMatchObject({ status: 403, type })
  })
})
