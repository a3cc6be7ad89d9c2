import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Landed } from '../../worker/commands/aws/landed'
import { type LocalAws, type LocalAwsOptions, startAws } from '../../worker/commands/aws/server'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SERVER = join(ROOT, 'worker/commands/aws/server.ts')

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(options: Partial<LocalAwsOptions> = {}): Promise<LocalAws> {
  const aws = await startAws({ port: 0, ...options })
  cleanups.push(aws.stop)
  return aws
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-aws-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function sqs(url: string, action: string, input: object) {
  const response = await fetch(`${url}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
    },
    body: JSON.stringify(input),
  })
  return { status: response.status, value: JSON.parse(await response.text()) }
}

const send = (url: string, queue: string, MessageBody: string, more: object = {}) =>
  sqs(url, 'SendMessage', { QueueUrl: `${url}/000000000000/${queue}`, MessageBody, ...more })

const put = (
  url: string,
  path: string,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {}
) => fetch(`${url}/${path}`, { method: 'PUT', body, headers })

const bodies = async (aws: LocalAws, queue: string) =>
  (await aws.messages(queue)).map(({ body }) => body)

/** A request with a path or host that `fetch` would not send as it is. */
async function raw(aws: LocalAws, method: string, path: string, host?: string, body = '') {
  const request = httpRequest({
    host: '127.0.0.1',
    port: aws.port,
    method,
    path,
    headers: { ...(host === undefined ? {} : { host }), 'content-length': Buffer.byteLength(body) },
  })
  request.end(body)
  const [response] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: Number(response.statusCode), text: Buffer.concat(chunks).toString() }
}

describe('the server', () => {
  it('says what to do when its port is taken', async () => {
    const { port } = await start()
    await expect(startAws({ port })).rejects.toThrow(
      `Port ${port} is in use. Stop what runs there or set AWS_PORT.`
    )
  })

  it('listens on loopback addresses only', async () => {
    await expect(startAws({ port: 0, host: '0.0.0.0' })).rejects.toThrow('loopback')
  })

  it('takes a body of 12 MiB and refuses one above 16 MiB', async () => {
    const aws = await start()
    await aws.createBucket('lake')
    expect((await put(aws.url, 'lake/big', Buffer.alloc(12 * 1024 * 1024))).status).toBe(200)
    expect((await aws.objects('lake'))[0]?.body.length).toBe(12 * 1024 * 1024)
    const answer = await put(aws.url, 'lake/bigger', Buffer.alloc(16 * 1024 * 1024 + 1))
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('<Code>EntityTooLarge</Code>')
    expect(await aws.objects('lake')).toHaveLength(1)
  })

  it('lets a hook answer, cut the connection, or stand aside', async () => {
    const aws = await start({
      before: ({ body }) => {
        if (body.includes('answer')) return { status: 418, headers: {}, body: '{}' }
        if (body.includes('lost')) return { cut: 'before' }
        return body.includes('stored') ? { cut: 'after' } : undefined
      },
    })
    await aws.createQueue('orders')
    expect((await send(aws.url, 'orders', 'answer')).status).toBe(418)
    await expect(send(aws.url, 'orders', 'lost')).rejects.toThrow()
    await expect(send(aws.url, 'orders', 'stored')).rejects.toThrow()
    expect((await send(aws.url, 'orders', 'plain')).status).toBe(200)
    expect(await bodies(aws, 'orders')).toEqual(['stored', 'plain'])
  })
})

describe('a queue', () => {
  let aws: LocalAws
  beforeEach(async () => {
    aws = await start()
    await aws.createQueue('orders')
  })

  it.each([
    ['its own address', () => `${aws.url}/000000000000/orders`],
    [
      'the address fauxqs gives it',
      () => `http://sqs.us-east-1.localhost:${aws.port}/000000000000/orders`,
    ],
    ['an address of AWS', () => 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders'],
  ])('is found by %s', async (_name, url) => {
    const answer = await sqs(aws.url, 'SendMessage', { QueueUrl: url(), MessageBody: 'one' })
    expect(answer.status).toBe(200)
    expect(await bodies(aws, 'orders')).toEqual(['one'])
  })

  it('is named by an address that can be reached', async () => {
    const own = `${aws.url}/000000000000/orders`
    expect((await sqs(aws.url, 'GetQueueUrl', { QueueName: 'orders' })).value.QueueUrl).toBe(own)
    expect((await sqs(aws.url, 'ListQueues', {})).value.QueueUrls).toEqual([own])
    expect(await aws.createQueue('orders')).toBe(own)
  })

  it('takes characters above U+FFFF and gives them back unchanged', async () => {
    const sent = await send(aws.url, 'orders', 'a 🚀 b')
    const md5 = createHash('md5').update('a 🚀 b').digest('hex')
    expect(sent.value.MD5OfMessageBody).toBe(md5)
    const received = await sqs(aws.url, 'ReceiveMessage', {
      QueueUrl: `${aws.url}/000000000000/orders`,
    })
    expect(received.value.Messages).toMatchObject([
      { Body: 'a 🚀 b', MessageId: sent.value.MessageId, MD5OfBody: md5 },
    ])
  })

  it('refuses the characters SQS refuses', async () => {
    const answer = await send(aws.url, 'orders', 'a \uFFFE b')
    expect(answer.value.__type).toBe('com.amazonaws.sqs#InvalidMessageContents')
    expect(await bodies(aws, 'orders')).toEqual([])
  })

  it('keeps the group of a message, also in a standard queue', async () => {
    await send(aws.url, 'orders', 'one', { MessageGroupId: 'tenant-1' })
    expect(await aws.messages('orders')).toMatchObject([{ groupId: 'tenant-1' }])
  })

  it('drops duplicates when it is FIFO and tells the first id again', async () => {
    await aws.createQueue('events.fifo', { ContentBasedDeduplication: 'true' })
    const group = { MessageGroupId: 'g' }
    const first = await send(aws.url, 'events.fifo', 'one 🚀', group)
    const second = await send(aws.url, 'events.fifo', 'one 🚀', group)
    await send(aws.url, 'events.fifo', 'one 🌍', group)
    expect(second.value.MessageId).toBe(first.value.MessageId)
    expect(await bodies(aws, 'events.fifo')).toEqual(['one 🚀', 'one 🌍'])
  })

  it('stores the good entries of a batch and names the bad', async () => {
    const answer = await sqs(aws.url, 'SendMessageBatch', {
      QueueUrl: `${aws.url}/000000000000/orders`,
      Entries: [
        { Id: 'good', MessageBody: 'one' },
        { Id: 'bad', MessageBody: '\uFFFE' },
      ],
    })
    expect(answer.value).toMatchObject({ Successful: [{ Id: 'good' }], Failed: [{ Id: 'bad' }] })
    expect(await bodies(aws, 'orders')).toEqual(['one'])
  })

  it('answers a malformed batch as SQS does', async () => {
    const answer = await sqs(aws.url, 'SendMessageBatch', {
      QueueUrl: `${aws.url}/000000000000/orders`,
      Entries: [{ Id: 'a' }],
    })
    expect(answer).toMatchObject({
      status: 400,
      value: { message: expect.stringContaining('SendMessageBatchRequestEntry.1.MessageBody') },
    })
  })

  it('does not exist before it is made', async () => {
    const answer = await send(aws.url, 'unknown', 'one')
    expect(answer).toMatchObject({
      status: 400,
      value: { __type: 'com.amazonaws.sqs#QueueDoesNotExist' },
    })
  })

  it('is not reached by a POST to its own path', async () => {
    const response = await fetch(`${aws.url}/000000000000/orders`, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: '{}',
    })
    expect(response.status).toBe(404)
  })

  it('forgets what was deleted or purged', async () => {
    await send(aws.url, 'orders', 'one')
    await send(aws.url, 'orders', 'two')
    const QueueUrl = `${aws.url}/000000000000/orders`
    const { value } = await sqs(aws.url, 'ReceiveMessage', { QueueUrl })
    expect(await bodies(aws, 'orders')).toEqual(['one', 'two'])
    const { ReceiptHandle } = value.Messages[0]
    await sqs(aws.url, 'DeleteMessage', { QueueUrl, ReceiptHandle })
    expect(await bodies(aws, 'orders')).toEqual(['two'])
    await sqs(aws.url, 'PurgeQueue', { QueueUrl })
    expect(await bodies(aws, 'orders')).toEqual([])
  })
})

describe('a bucket', () => {
  let aws: LocalAws
  beforeEach(async () => {
    aws = await start()
    await aws.createBucket('lake')
  })

  it('is addressed by path and by host', async () => {
    await put(aws.url, 'lake/a/b.txt', 'by path')
    const host = `lake.localhost:${aws.port}`
    expect((await raw(aws, 'PUT', '/c%20d.txt', host, 'by host')).status).toBe(200)
    expect((await raw(aws, 'GET', '/a/b.txt', host)).text).toBe('by path')
    expect((await aws.objects('lake')).map(({ key }) => key)).toEqual(['a/b.txt', 'c d.txt'])
  })

  it.each(['größe 日本 🚀', 'a+b', '100%25', "(1)!'*", 'a//b', 'x'.repeat(900), 'a;b=c,d&e:@$'])(
    'keeps the key %s',
    async (key) => {
      const path = key.split('/').map(encodeURIComponent).join('/')
      expect((await put(aws.url, `lake/${path}`, 'body')).status).toBe(200)
      const [object] = await aws.objects('lake')
      expect([object?.key, object?.body.toString()]).toEqual([key, 'body'])
    }
  )

  it('keeps an empty object, and the headers of its PUT', async () => {
    await put(aws.url, 'lake/empty', '', {
      'content-type': 'text/plain',
      'x-amz-server-side-encryption': 'AES256',
      authorization: 'secret',
    })
    const [object] = await aws.objects('lake')
    expect(object).toMatchObject({
      contentType: 'text/plain',
      headers: { 'x-amz-server-side-encryption': 'AES256' },
    })
    expect(object?.headers).not.toHaveProperty('authorization')
    expect(object?.body.length).toBe(0)
  })

  it('writes once when asked to', async () => {
    const once = { 'if-none-match': '*' }
    expect((await put(aws.url, 'lake/k', 'one', once)).status).toBe(200)
    expect((await put(aws.url, 'lake/k', 'two', once)).status).toBe(412)
    expect((await aws.objects('lake'))[0]?.body.toString()).toBe('one')
  })

  it('does not exist before it is made', async () => {
    const answer = await put(aws.url, 'pond/k', 'one')
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('<Code>NoSuchBucket</Code>')
  })

  it('says so when an upload comes in parts', async () => {
    expect((await fetch(`${aws.url}/lake/k?uploads`, { method: 'POST' })).status).toBe(501)
  })
})

describe('what landed', () => {
  it('is reported once for each message and object', async () => {
    const items: Landed[] = []
    const aws = await start({ onLanded: (item) => items.push(item) })
    await aws.createQueue('orders')
    await aws.createBucket('lake')
    await send(aws.url, 'orders', 'é')
    await sqs(aws.url, 'SendMessageBatch', {
      QueueUrl: `${aws.url}/000000000000/orders`,
      Entries: [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'b', MessageBody: '\uFFFE' },
      ],
    })
    await put(aws.url, 'lake/k', 'body')
    expect(items).toMatchObject([
      { kind: 'message', queue: 'orders', bytes: 2, body: 'é' },
      { kind: 'message', queue: 'orders', bytes: 1, body: 'x' },
      { kind: 'object', bucket: 'lake', key: 'k', bytes: 4 },
    ])
  })

  it('is read by a page, newest last, inflated and cut at 64 KiB', async () => {
    const aws = await start()
    await aws.createQueue('orders')
    await aws.createBucket('lake')
    await send(aws.url, 'orders', 'one')
    await put(aws.url, 'lake/big.txt.gz', gzipSync(`x${'é'.repeat(100_000)}`))
    const response = await fetch(`${aws.url}/_weir/landed?after=1`)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const { items, last } = JSON.parse(await response.text())
    expect(last).toBe(2)
    expect(items).toMatchObject([
      { n: 2, kind: 'object', bucket: 'lake', key: 'big.txt.gz', truncated: true },
    ])
    expect(items[0].text).toBe(`x${'é'.repeat(32_767)}`)
  })
})

describe('a data folder', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = newFolder()
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })

  it('is left alone by a second start that finds the port taken', async () => {
    const { port } = await start({ dataDir })
    const file = join(dataDir, 's3/.tmp/half-written')
    writeFileSync(file, 'x')
    await expect(startAws({ port, dataDir })).rejects.toThrow('is in use')
    expect(readFileSync(file, 'utf8')).toBe('x')
  })

  it('brings queues, messages, buckets and objects back', async () => {
    const first = await start({ dataDir })
    await first.createQueue('orders')
    await first.createQueue('events.fifo', { ContentBasedDeduplication: 'true' })
    await first.createBucket('lake')
    await send(first.url, 'orders', 'one 🚀', {
      MessageGroupId: 'tenant-1',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'batch' } },
    })
    await send(first.url, 'events.fifo', 'two', { MessageGroupId: 'g' })
    await put(first.url, 'lake/a%20b/c.txt', 'body', { 'content-type': 'text/plain' })
    const before = [await first.messages('orders'), await first.objects('lake')]
    await first.stop()

    const second = await start({ dataDir })
    expect([await second.messages('orders'), await second.objects('lake')]).toEqual(before)
    expect(readFileSync(join(dataDir, 's3/lake/a b/c.txt'), 'utf8')).toBe('body')
    // The FIFO queue still knows what it has seen.
    await send(second.url, 'events.fifo', 'two', { MessageGroupId: 'g' })
    expect(await bodies(second, 'events.fifo')).toEqual(['two'])
  })

  it('does not bring back what was deleted', async () => {
    const first = await start({ dataDir })
    await first.createQueue('orders')
    await first.createBucket('lake')
    await send(first.url, 'orders', 'one')
    await put(first.url, 'lake/a', 'body')
    await put(first.url, 'lake/b', 'body')
    await put(first.url, 'lake/c', 'body')
    await sqs(first.url, 'PurgeQueue', { QueueUrl: `${first.url}/000000000000/orders` })
    await fetch(`${first.url}/lake/a`, { method: 'DELETE' })
    await fetch(`${first.url}/lake?delete`, {
      method: 'POST',
      body: '<Delete><Object><Key>b</Key></Object></Delete>',
    })
    await first.stop()

    const second = await start({ dataDir })
    expect(await bodies(second, 'orders')).toEqual([])
    expect((await second.objects('lake')).map(({ key }) => key)).toEqual(['c'])
  })

  it('holds everything that was answered when the process is killed', async () => {
    const code = `
      import { startAws } from ${JSON.stringify(SERVER)}
      const aws = await startAws({ port: 0, dataDir: ${JSON.stringify(dataDir)} })
      await aws.createQueue('orders')
      await aws.createBucket('lake')
      console.log(aws.url)`
    const args = ['--import', 'tsx', '--input-type=module', '-e', code]
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
    cleanups.push(() => child.kill('SIGKILL'))
    const [line] = await once(child.stdout, 'data')
    const url = String(line).trim()
    const exit = once(child, 'exit')
    const answered: string[] = []
    const sends = Array.from({ length: 40 }, async (_unused, index) => {
      const name = `m${index}`
      await Promise.all([send(url, 'orders', name), put(url, `lake/${name}`, name)])
      answered.push(name)
      if (answered.length === 20) child.kill('SIGKILL')
    })
    await Promise.allSettled(sends)
    await exit

    const aws = await start({ dataDir })
    expect(answered.length).toBeGreaterThanOrEqual(20)
    expect(await bodies(aws, 'orders')).toEqual(expect.arrayContaining(answered))
    const keys = (await aws.objects('lake')).map(({ key }) => key)
    expect(keys).toEqual(expect.arrayContaining(answered))
  })

  it('passes over a line that was not written to its end', async () => {
    const first = await start({ dataDir })
    await first.createQueue('orders')
    await send(first.url, 'orders', 'one')
    await first.stop()
    appendFileSync(join(dataDir, 'sqs/orders.ndjson'), '{"id":"x","body":"ha')

    const second = await start({ dataDir })
    await send(second.url, 'orders', 'two')
    expect(await bodies(second, 'orders')).toEqual(['one', 'two'])
    await second.stop()
    expect(await bodies(await start({ dataDir }), 'orders')).toEqual(['one', 'two'])
  })

  it('turns messages away while the disk is full, and takes them again afterwards', async () => {
    const aws = await start({ dataDir })
    await aws.createQueue('orders')
    await send(aws.url, 'orders', 'one')
    const journal = join(dataDir, 'sqs/orders.ndjson')
    const content = readFileSync(journal)
    rmSync(journal)
    symlinkSync('/dev/full', journal)
    const answer = await send(aws.url, 'orders', 'two')
    expect(answer).toMatchObject({
      status: 500,
      value: { __type: 'com.amazonaws.sqs#InternalFailure' },
    })
    expect(await bodies(aws, 'orders')).toEqual(['one'])

    rmSync(journal)
    writeFileSync(journal, content)
    await send(aws.url, 'orders', 'three')
    await aws.stop()
    expect(await bodies(await start({ dataDir }), 'orders')).toEqual(['one', 'three'])
  })

  it('turns objects away that it cannot write', async () => {
    const aws = await start({ dataDir })
    await aws.createBucket('lake')
    rmSync(join(dataDir, 's3/lake'), { recursive: true })
    writeFileSync(join(dataDir, 's3/lake'), 'in the way')
    const answer = await put(aws.url, 'lake/k', 'body')
    expect(answer.status).toBe(500)
    expect(await answer.text()).toContain('<Code>InternalError</Code>')
    expect((await fetch(`${aws.url}/lake/k`)).status).toBe(404)
    expect(await aws.objects('lake')).toEqual([])
  })

  it.each([
    '/lake/../../escape',
    '/lake/%2e%2e/%2e%2e/escape',
    '/lake/a/..%2f..%2f..%2fescape',
    '/../x',
  ])('is not left by the path %s', async (path) => {
    const aws = await start({ dataDir })
    await aws.createBucket('lake')
    expect((await raw(aws, 'PUT', path, undefined, 'x')).status).toBe(400)
  })

  it('holds keys that make no file name, or that are also the folder of others', async () => {
    const keys = ['a', 'a/b', 'a//c', 'end/', `${'x'.repeat(300)}/y`, 'back\\slash', '.odd/z']
    const first = await start({ dataDir })
    await first.createBucket('lake')
    for (const key of keys) {
      const path = key.split('/').map(encodeURIComponent).join('/')
      expect((await put(first.url, `lake/${path}`, key)).status).toBe(200)
    }
    await first.stop()
    const objects = await (await start({ dataDir })).objects('lake')
    expect(objects.map(({ key }) => key)).toEqual([...keys].sort())
    for (const { key, body } of objects) expect(body.toString()).toBe(key)
  })

  it('does not take a note that points elsewhere for an object', async () => {
    mkdirSync(join(dataDir, 's3/lake'), { recursive: true })
    mkdirSync(join(dataDir, 's3/.meta/lake'), { recursive: true })
    writeFileSync(
      join(dataDir, 's3/.meta/lake/n.json'),
      JSON.stringify({ key: 'k', file: '../../../../etc/hostname', headers: {} })
    )
    expect(await (await start({ dataDir })).objects('lake')).toEqual([])
  })
})
