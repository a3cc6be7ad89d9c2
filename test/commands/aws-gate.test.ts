import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { AwsClient } from 'aws4fetch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AwsRequest } from '../../worker/commands/aws/request'
import { type FaultRule, type Gate, startGate, verify } from '../support/gate/gate'

const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a/very+secret=key' }
const NOW = Date.parse('2026-03-01T12:00:00Z')
const ROLE = 'arn:aws:iam::123456789012:role/weir'

const sha256 = (body: string | Uint8Array) => createHash('sha256').update(body).digest('hex')

interface Ask {
  url: string
  method?: string
  service: 's3' | 'sqs' | 'sts'
  body?: string
  headers?: Record<string, string>
  region?: string
  sessionToken?: string
  secretAccessKey?: string
  datetime?: string
}

/** A request signed by aws4fetch, as the gate would receive it. */
async function signed(ask: Ask): Promise<AwsRequest> {
  const { url, method = 'POST', service, body = '', region = 'us-east-1' } = ask
  const { sessionToken, secretAccessKey = KEYS.secretAccessKey } = ask
  const client = new AwsClient({
    ...KEYS,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    service,
    region,
    retries: 0,
  })
  const contentHash = service === 's3' ? { 'X-Amz-Content-Sha256': sha256(body) } : {}
  const request = await client.sign(url, {
    method,
    ...(method === 'GET' ? {} : { body }),
    headers: { ...contentHash, ...ask.headers },
    aws: { datetime: ask.datetime ?? '20260301T120000Z' },
  })
  const { host, pathname, search } = new URL(request.url)
  return {
    method,
    url: pathname + search,
    headers: { host, ...Object.fromEntries(request.headers) },
    body: Buffer.from(body),
  }
}

const verdictOn = (request: AwsRequest, credentials: object = {}) =>
  verify(request, {
    find: (id) => (id === KEYS.accessKeyId ? { ...KEYS, ...credentials } : undefined),
    nowMs: NOW,
    region: 'us-east-1',
  })

const put = (key: string, more: Partial<Ask> = {}): Ask => ({
  url: `http://127.0.0.1:4566/lake/${key}`,
  method: 'PUT',
  service: 's3',
  body: 'hello',
  ...more,
})

const batch: Ask = {
  url: 'http://127.0.0.1:4566/',
  service: 'sqs',
  body: JSON.stringify({ QueueUrl: 'http://x/0/orders', Entries: [{ Id: 'a', MessageBody: 'é' }] }),
  headers: {
    'Content-Type': 'application/x-amz-json-1.0',
    'X-Amz-Target': 'AmazonSQS.SendMessageBatch',
  },
}

describe('a signature', () => {
  it.each([
    ['a plain key', put('2026/03/a.txt')],
    ['blanks in the key', put('a%20folder/a%20file.txt')],
    ['Unicode in the key', put(encodeURIComponent('größe-日本-🚀.txt'))],
    ['a plus sign in the key', put('a%2Bb.txt')],
    ['parentheses in the key', put('a%20%281%29%21%27%2A.txt')],
    ['parentheses the client left alone', put("a(1)!'*.txt")],
    ['doubled slashes in the key', put('a//b.txt')],
    ['a percent sign in the key', put('100%25.txt')],
    [
      'a query string',
      put('', {
        method: 'GET',
        body: '',
        url: 'http://127.0.0.1:4566/lake?prefix=a%20b%2Fc&list-type=2',
      }),
    ],
    [
      'further headers',
      put('k', { headers: { 'x-amz-acl': 'bucket-owner-full-control', 'if-none-match': '*' } }),
    ],
    ['the bucket in the host', put('', { url: 'http://lake.localhost:4566/a/b.txt' })],
    ['an empty body', put('empty', { body: '' })],
    ['an SQS batch', batch],
    [
      'a region in the host',
      put('', { url: 'http://lake.s3.eu-west-1.amazonaws.com/k', region: 'eu-west-1' }),
    ],
  ])('made by aws4fetch passes with %s', async (_name, ask) => {
    expect(await verdictOn(await signed(ask))).toMatchObject({ ok: true, service: ask.service })
  })

  it('passes with a session token that is signed and right', async () => {
    const request = await signed({ ...batch, sessionToken: 'token' })
    expect(await verdictOn(request, { sessionToken: 'token' })).toMatchObject({ ok: true })
  })

  const changes: [string, Ask, (request: AwsRequest) => Partial<AwsRequest>, string][] = [
    ['another body in an SQS batch', batch, () => ({ body: Buffer.from('{}') }), 'wrong_signature'],
    ['another body in a PUT', put('k'), () => ({ body: Buffer.from('other') }), 'wrong_body_hash'],
    ['another path', put('k'), () => ({ url: '/lake/other' }), 'wrong_signature'],
    ['another query', put('k'), ({ url }) => ({ url: `${url}?acl` }), 'wrong_signature'],
    ['another method', put('k'), () => ({ method: 'DELETE' }), 'wrong_signature'],
    [
      'another value of a signed header',
      put('k', { headers: { 'x-amz-acl': 'private' } }),
      ({ headers }) => ({ headers: { ...headers, 'x-amz-acl': 'public-read' } }),
      'wrong_signature',
    ],
    [
      'a header added after signing',
      put('k'),
      ({ headers }) => ({ headers: { ...headers, 'x-amz-acl': 'private' } }),
      'unsigned_header',
    ],
    [
      'another host',
      put('k'),
      ({ headers }) => ({ headers: { ...headers, host: 'evil.test' } }),
      'wrong_signature',
    ],
    [
      'a signed header taken out',
      put('k', { headers: { 'if-none-match': '*' } }),
      ({ headers: { 'if-none-match': _gone, ...headers } }) => ({ headers }),
      'wrong_signature',
    ],
    [
      'no Authorization',
      put('k'),
      ({ headers: { authorization: _gone, ...headers } }) => ({ headers }),
      'no_authorization',
    ],
    [
      'half an Authorization',
      put('k'),
      ({ headers }) => ({
        headers: { ...headers, authorization: 'AWS4-HMAC-SHA256 Credential=a' },
      }),
      'malformed_authorization',
    ],
    ['a path that cannot be decoded', put('k'), () => ({ url: '/lake/%zz' }), 'malformed_path'],
  ]
  it.each(changes)('is refused with %s', async (_name, ask, change, reason) => {
    const request = await signed(ask)
    expect(await verdictOn({ ...request, ...change(request) })).toMatchObject({ ok: false, reason })
  })

  it.each([
    ['another secret', put('k', { secretAccessKey: 'wrong' }), 'wrong_signature'],
    ['another region', put('k', { region: 'eu-west-1' }), 'wrong_region'],
    [
      'a region other than the host says',
      put('', { url: 'http://lake.s3.eu-west-1.amazonaws.com/k' }),
      'wrong_region',
    ],
    ['the service of another request', { ...batch, service: 's3' as const }, 'wrong_service'],
    [
      'an unsigned payload',
      put('k', { headers: { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' } }),
      'unsigned_payload',
    ],
    [
      'a hash of something else',
      put('k', { headers: { 'X-Amz-Content-Sha256': sha256('x') } }),
      'wrong_body_hash',
    ],
    ['a literal plus sign in the key', put('a+b.txt'), 'wrong_signature'],
    ['a token that permanent keys do not have', put('k', { sessionToken: 'token' }), 'wrong_token'],
    ['an S3 clock 16 minutes slow', put('k', { datetime: '20260301T114400Z' }), 'skewed_clock'],
    ['an S3 clock 16 minutes fast', put('k', { datetime: '20260301T121600Z' }), 'skewed_clock'],
    ['an SQS clock 6 minutes slow', { ...batch, datetime: '20260301T115400Z' }, 'skewed_clock'],
  ])('is refused when made with %s', async (_name, ask, reason) => {
    expect(await verdictOn(await signed(ask))).toMatchObject({ ok: false, reason })
  })

  it('passes with an S3 clock 14 minutes slow', async () => {
    const request = await signed(put('k', { datetime: '20260301T114600Z' }))
    expect(await verdictOn(request)).toMatchObject({ ok: true })
  })

  it('is refused without the token its temporary credentials need', async () => {
    const verdict = await verdictOn(await signed(batch), { sessionToken: 'token' })
    expect(verdict).toMatchObject({ ok: false, reason: 'wrong_token' })
  })

  it('is refused once its temporary credentials have expired', async () => {
    const request = await signed({ ...batch, sessionToken: 'token' })
    const verdict = await verdictOn(request, { sessionToken: 'token', expiresAtMs: NOW })
    expect(verdict).toMatchObject({ ok: false, reason: 'expired_token' })
  })

  it('is refused from a key id nobody knows', async () => {
    const verdict = await verify(await signed(batch), {
      find: () => undefined,
      nowMs: NOW,
      region: 'us-east-1',
    })
    expect(verdict).toMatchObject({ ok: false, reason: 'unknown_key' })
  })
})

describe('the gate', () => {
  let gate: Gate

  beforeEach(async () => {
    gate = await startGate({ credentials: KEYS, queues: ['orders'], buckets: ['lake'] })
  })
  afterEach(() => gate.stop())

  const client = (service: string, credentials: object = {}) =>
    new AwsClient({ ...KEYS, ...credentials, service, region: 'us-east-1', retries: 0 })

  const sqs = (action: string, input: object, credentials?: object) =>
    client('sqs', credentials).fetch(`${gate.url}/`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': `AmazonSQS.${action}`,
      },
      body: JSON.stringify({ QueueUrl: `${gate.url}/000000000000/orders`, ...input }),
    })

  const send = (body: string, credentials?: object) =>
    sqs('SendMessage', { MessageBody: body }, credentials)

  const sendBatch = (...bodies: string[]) =>
    sqs('SendMessageBatch', {
      Entries: bodies.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody })),
    })

  const putObject = (
    key: string,
    body: string | Buffer<ArrayBuffer>,
    headers: Record<string, string> = {},
    credentials?: object
  ) =>
    client('s3', credentials).fetch(`${gate.url}/lake/${key}`, {
      method: 'PUT',
      body,
      headers: { 'X-Amz-Content-Sha256': sha256(body), ...headers },
    })

  const assumeRole = (fields: Record<string, string> = {}, credentials?: object) =>
    client('sts', credentials).fetch(`${gate.url}/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams({
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: ROLE,
        RoleSessionName: 'weir-test',
        ...fields,
      }).toString(),
    })

  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${gate.url}/_gate/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, value: await response.json() }
  }

  const bodies = async () => (await gate.messages('orders')).map(({ body }) => body)

  it('stores what is signed well', async () => {
    expect((await send('one')).status).toBe(200)
    expect((await putObject('a%20b/%281%29.txt', 'two')).status).toBe(200)
    expect(await bodies()).toEqual(['one'])
    expect((await gate.objects('lake')).map(({ key }) => key)).toEqual(['a b/(1).txt'])
    expect(gate.refusals).toEqual([])
  })

  it('turns a wrong secret away as each service words it, and keeps nothing', async () => {
    const wrong = { secretAccessKey: 'wrong' }
    const [message, object, role] = [
      await send('one', wrong),
      await putObject('k', 'two', {}, wrong),
      await assumeRole({}, wrong),
    ]
    expect([message.status, object.status, role.status]).toEqual([403, 403, 403])
    expect(await message.json()).toMatchObject({
      __type: 'com.amazon.coral.service#InvalidSignatureException',
    })
    expect(await object.text()).toContain('<Code>SignatureDoesNotMatch</Code>')
    expect(await role.text()).toContain('<Code>SignatureDoesNotMatch</Code>')
    expect(gate.refusals.map(({ action, reason }) => [action, reason])).toEqual([
      ['SendMessage', 'wrong_signature'],
      ['PutObject', 'wrong_signature'],
      ['AssumeRole', 'wrong_signature'],
    ])
    expect(await bodies()).toEqual([])
    expect(await gate.objects('lake')).toEqual([])
  })

  it('names an unknown key as each service does', async () => {
    const unknown = { accessKeyId: 'AKIAUNKNOWN' }
    expect(await (await send('one', unknown)).json()).toMatchObject({
      __type: 'com.amazon.coral.service#UnrecognizedClientException',
    })
    expect(await (await putObject('k', 'two', {}, unknown)).text()).toContain(
      '<Code>InvalidAccessKeyId</Code>'
    )
  })

  it('answers 400 to a body that is not the one hashed', async () => {
    const answer = await putObject('k', 'two', { 'X-Amz-Content-Sha256': sha256('other') })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('<Code>XAmzContentSHA256Mismatch</Code>')
  })

  it('answers RequestTimeTooSkewed to an old S3 request', async () => {
    const request = await client('s3').sign(`${gate.url}/lake/k`, {
      method: 'PUT',
      body: 'x',
      headers: { 'X-Amz-Content-Sha256': sha256('x') },
      aws: { datetime: '20200101T000000Z' },
    })
    const answer = await fetch(request)
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('<Code>RequestTimeTooSkewed</Code>')
  })

  it('hands out credentials for a role and takes them until they end', async () => {
    gate.roles.push({ arn: ROLE, externalId: 'customer-1' })
    const xml = await (await assumeRole({ ExternalId: 'customer-1' })).text()
    const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? ''
    const session = {
      accessKeyId: field('AccessKeyId'),
      secretAccessKey: field('SecretAccessKey'),
      sessionToken: field('SessionToken'),
    }
    expect(Date.parse(field('Expiration'))).toBeGreaterThan(Date.now())
    expect((await send('one', session)).status).toBe(200)
    expect((await putObject('k', 'two', {}, session)).status).toBe(200)

    gate.expireSessions()
    const [message, object] = [
      await send('three', session),
      await putObject('k', 'four', {}, session),
    ]
    expect(message.status).toBe(403)
    expect(await message.json()).toMatchObject({
      __type: 'com.amazon.coral.service#ExpiredTokenException',
    })
    expect(object.status).toBe(400)
    expect(await object.text()).toContain('<Code>ExpiredToken</Code>')
  })

  it('denies a role it does not know and a wrong external id', async () => {
    gate.roles.push({ arn: ROLE, externalId: 'customer-1' })
    const answers = [
      await assumeRole({ ExternalId: 'customer-2' }),
      await assumeRole(),
      await assumeRole({ RoleArn: `${ROLE}-other` }),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(403)
      expect(await answer.text()).toContain('<Code>AccessDenied</Code>')
    }
  })

  it('lets a role have a lifetime of its own', async () => {
    gate.roles.push({ arn: ROLE, lifetimeS: 60 })
    const xml = await (await assumeRole()).text()
    const expiration = Date.parse(/<Expiration>([^<]+)/.exec(xml)?.[1] ?? '')
    expect(expiration).toBeLessThan(Date.now() + 61_000)
  })

  const strikes: [FaultRule['fault'], number, string, number, string][] = [
    ['slow_down', 503, 'ServiceUnavailable', 503, 'SlowDown'],
    ['throttle', 429, 'ThrottlingException', 429, 'SlowDown'],
    ['forbidden', 403, 'AccessDenied', 403, 'AccessDenied'],
  ]
  it.each(strikes)('can answer %s', async (fault, sqsStatus, sqsCode, s3Status, s3Code) => {
    gate.faults.add({ fault, params: { retryAfterS: 7 } })
    const [message, object] = [await send('one'), await putObject('k', 'two')]
    expect([message.status, object.status]).toEqual([sqsStatus, s3Status])
    expect(await message.text()).toContain(sqsCode)
    expect(await object.text()).toContain(`<Code>${s3Code}</Code>`)
    expect(message.headers.get('retry-after')).toBe(fault === 'throttle' ? '7' : null)
    expect(await bodies()).toEqual([])
  })

  it('can deny that a bucket or a queue exists', async () => {
    gate.faults.set([{ fault: 'no_queue' }, { fault: 'no_bucket' }])
    const [message, object] = [await send('one'), await putObject('k', 'two')]
    expect(message.status).toBe(400)
    expect(await message.text()).toContain('com.amazonaws.sqs#QueueDoesNotExist')
    expect(object.status).toBe(404)
    expect(await object.text()).toContain('<Code>NoSuchBucket</Code>')
  })

  it('can cut the connection before or after a message is stored', async () => {
    gate.faults.set([
      { fault: 'cut_before', times: 1 },
      { fault: 'cut_after', times: 1 },
    ])
    await expect(send('before')).rejects.toThrow()
    expect(await bodies()).toEqual([])
    await expect(send('after')).rejects.toThrow()
    expect(await bodies()).toEqual(['after'])
    expect((await send('through')).status).toBe(200)
    expect(gate.requests.map(({ status, fault }) => [status, fault])).toEqual([
      [0, 'cut_before'],
      [0, 'cut_after'],
      [200, undefined],
    ])
  })

  it('can fail part of a batch and store the rest', async () => {
    gate.faults.set([{ fault: 'partial', params: { entries: [0, 2] }, times: 1 }])
    const answer = await (await sendBatch('a', 'b', 'c')).json()
    expect(answer).toMatchObject({
      Successful: [{ Id: 'm1' }],
      Failed: [
        { Id: 'm0', SenderFault: false },
        { Id: 'm2', SenderFault: false },
      ],
    })
    expect(await bodies()).toEqual(['b'])
  })

  it('can blame the sender for all of a batch', async () => {
    gate.faults.set([{ fault: 'partial_sender_fault', params: { fraction: 1 } }])
    const answer = await (await sendBatch('a', 'b')).json()
    expect(answer).toMatchObject({ Successful: [], Failed: [{ SenderFault: true }, {}] })
    expect(await bodies()).toEqual([])
  })

  it('leaves requests alone that a rule does not match', async () => {
    gate.faults.set([
      { fault: 'slow_down', match: { bucket: 'other' } },
      { fault: 'slow_down', match: { queue: 'other' } },
      { fault: 'slow_down', match: { service: 'sts' } },
      { fault: 'partial' },
    ])
    expect((await send('one')).status).toBe(200)
    expect((await putObject('k', 'two')).status).toBe(200)
  })

  it('strikes the same requests again when a run repeats', async () => {
    const run = async () => {
      gate.faults.set([{ fault: 'slow_down', probability: 0.5 }])
      const statuses: number[] = []
      for (let index = 0; index < 12; index += 1) statuses.push((await send('x')).status)
      return statuses
    }
    const first = await run()
    expect(new Set(first)).toEqual(new Set([200, 503]))
    expect(await run()).toEqual(first)
  })

  it('delays a request and then lets the next rule have it', async () => {
    gate.faults.set([{ fault: 'delay', params: { ms: 1 } }, { fault: 'forbidden' }])
    expect((await send('one')).status).toBe(403)
  })

  it('is driven over HTTP as well', async () => {
    await control('PUT', 'faults', [{ match: { service: 'sqs' }, fault: 'slow_down', times: 1 }])
    expect((await send('one')).status).toBe(503)
    expect((await send('two')).status).toBe(200)
    expect((await control('GET', 'requests')).value).toMatchObject({
      requests: [{ status: 503, fault: 'slow_down' }, { status: 200 }],
      counts: {
        sqs: 2,
        'sqs.SendMessage': 2,
        'sqs.SendMessage.200': 1,
        'sqs.SendMessage.503': 1,
      },
    })
    expect((await control('GET', 'messages?queue=orders')).value).toMatchObject([{ body: 'two' }])

    await control('POST', 'reset?contents=1')
    expect((await control('GET', 'state')).value).toMatchObject({
      faults: [],
      refusals: [],
      requests: {},
      queues: ['orders'],
      buckets: ['lake'],
    })
    expect(await bodies()).toEqual([])
  })

  it('refuses a fault it does not know', async () => {
    expect((await control('PUT', 'faults', [{ fault: 'explode' }])).status).toBe(400)
  })

  it('makes queues and buckets on demand', async () => {
    await control('PUT', 'queue?name=events.fifo', { ContentBasedDeduplication: 'true' })
    await control('PUT', 'bucket?name=archive')
    expect(gate.queueNames()).toEqual(['orders', 'events.fifo'])
    expect(gate.bucketNames()).toEqual(['lake', 'archive'])
  })

  it('shows objects with the headers of their PUT, inflated when they are gzip', async () => {
    await putObject('day/events.txt.gz', Buffer.from(gzipSync('{"a":1}\n')), {
      'Content-Type': 'application/gzip',
      'x-amz-server-side-encryption': 'AES256',
      'x-amz-acl': 'bucket-owner-full-control',
    })
    expect((await control('GET', 'objects?bucket=lake')).value).toMatchObject([
      {
        key: 'day/events.txt.gz',
        text: '{"a":1}\n',
        contentType: 'application/gzip',
        headers: {
          'x-amz-server-side-encryption': 'AES256',
          'x-amz-acl': 'bucket-owner-full-control',
        },
      },
    ])
  })

  it('shows messages with their attributes and group', async () => {
    await sqs('SendMessage', {
      MessageBody: 'one',
      MessageGroupId: 'tenant-1',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'batch' } },
    })
    expect((await control('GET', 'messages?queue=orders')).value).toMatchObject([
      {
        body: 'one',
        groupId: 'tenant-1',
        attributes: { kind: { DataType: 'String', StringValue: 'batch' } },
      },
    ])
  })
})
