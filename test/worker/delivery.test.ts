import { afterEach, describe, expect, it, vi } from 'vitest'
import { gate } from '../support/gate-client'
import {
  admin,
  batchOf,
  eventNames,
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  put,
  s3Connection,
  seed,
  sqsConnection,
  status,
  upload,
} from '../support/weir'

afterEach(() => {
  vi.useRealTimers()
})

const mpid = '9007199254740993123'

describe('the way of a batch', () => {
  it('ends as one line in a file and one message in the queue', async () => {
    const seeded = await seed({ s3: { folder_name: 'events', store_by_date: 'event_time' } })
    expect((await upload(seeded.key, batchOf(['one', 'two'], { mpid }))).status).toBe(202)
    expect((await upload(seeded.key, batchOf(['three'], { mpid }))).status).toBe(202)
    await passWindow()
    await passFile()

    const [object, ...others] = await gate.objects(seeded.bucket)
    expect(others).toEqual([])
    expect(object?.key).toMatch(/^events\/2026-11-21\/weir_\d{20}_\d{5}\.txt$/)
    expect(object?.text.endsWith('}\n')).toBe(true)
    const [line] = await linesIn(seeded.bucket)
    expect(line).toMatchObject({ mpid, schema_version: 2, message_type: 'events' })
    expect(eventNames([line!])).toEqual(['one', 'two', 'three'])

    const [message] = await gate.messages(seeded.queue)
    expect(eventNames([JSON.parse(message!.body)])).toEqual(['one', 'two', 'three'])
    expect(message?.attributes.mpid).toMatchObject({ DataType: 'String', StringValue: mpid })
    expect(Object.keys(message!.attributes).sort()).toEqual(['batch_id', 'input', 'mpid'])

    for (const id of [s3Connection(seeded), sqsConnection(seeded)]) {
      const now = await status(id)
      expectBalance(now)
      expect(now).toMatchObject({ state: 'ok', ledger: { accepted: 3, delivered: 3, waiting: 0 } })
    }
  })

  it('keeps 64-bit integers exact from the body to the file', async () => {
    const seeded = await seed({ sqs: false })
    const body = `{"mpid":7346244611012968789,"events":[{"event_type":"profile","data":{
      "previous_mpid":-1096377938905861812,"current_mpid":7346244611012968789,
      "custom_attributes":{"account":12345678901234567890,"ratio":0.1}}}]}`
    await upload(seeded.key, body)
    await passWindow()
    await passFile()
    const [object] = await gate.objects(seeded.bucket)
    expect(object?.text).toContain('"mpid":"7346244611012968789"')
    expect(object?.text).toContain('"previous_mpid":"-1096377938905861812"')
    expect(object?.text).toContain(
      '"custom_attributes":{"account":12345678901234567890,"ratio":0.1}'
    )
  })

  it('writes gzip files when asked to', async () => {
    const seeded = await seed({ sqs: false, s3: { use_compression: true } })
    await upload(seeded.key, batchOf(['packed'], { mpid: '1001' }))
    await passWindow()
    await passFile()
    const [object] = await gate.objects(seeded.bucket)
    expect(object?.key).toMatch(/\.txt\.gz$/)
    expect(object?.headers).toMatchObject({ 'content-type': 'application/gzip' })
    expect(object?.headers).not.toHaveProperty('content-encoding')
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(['packed'])
  })

  it('writes batches of different days and apps to different files', async () => {
    const seeded = await seed({ sqs: false, s3: { store_by_date: 'event_time' } })
    const on = (ms: number, app: string) => ({
      source_request_id: crypto.randomUUID(),
      application_info: { application_name: app },
      mp_deviceid: crypto.randomUUID(),
      events: [
        { event_type: 'custom_event', data: { event_name: app, timestamp_unixtime_ms: ms } },
      ],
    })
    await upload(seeded.key, on(Date.UTC(2026, 0, 31, 23, 59), 'shop'))
    await upload(seeded.key, on(Date.UTC(2026, 1, 1, 0, 1), 'shop'))
    await upload(seeded.key, on(Date.UTC(2026, 1, 1, 0, 2), 'blog & more'))
    await passWindow()
    await passFile()
    const keys = (await gate.objects(seeded.bucket)).map((one) => one.key.replace(/_\d.*/, ''))
    expect(keys.sort()).toEqual(['2026-01-31/shop', '2026-02-01/blog---more', '2026-02-01/shop'])
  })

  it('orders a FIFO queue by profile and names each message once', async () => {
    const seeded = await seed({ s3: false, fifo: true, sqs: { send_as_batch: false } })
    const names = Array.from({ length: 12 }, (_, i) => `event ${i}`)
    await upload(seeded.key, batchOf(names, { mpid: '1002' }))
    await passWindow()
    await passFile()
    const messages = await gate.messages(seeded.queue)
    expect(eventNames(messages.map((one) => JSON.parse(one.body)))).toEqual(names)
    expect(new Set(messages.map((one) => one.groupId))).toEqual(new Set(['1002']))
    expect(new Set(messages.map((one) => one.dedupId)).size).toBe(12)
  })

  it('sends ten messages in a request when ten wait', async () => {
    const seeded = await seed({ s3: false, sqs: { send_as_batch: false } })
    const names = Array.from({ length: 40 }, (_, i) => `event ${i}`)
    await upload(seeded.key, batchOf(names, { mpid: '1003' }))
    await passWindow()
    await passFile()
    const requests = (await gate.requests()).filter((one) => one.queue === seeded.queue)
    expect(requests.filter((one) => one.service === 'sqs').map((one) => one.entries)).toEqual(
      expect.arrayContaining([10, 10, 10, 10])
    )
  })
})

describe('an S3 connection', () => {
  it('uses the deployment’s keys when it has none, and gives the bucket’s owner the object', async () => {
    const seeded = await seed({ sqs: false })
    const bucket = `mp-forwarding-${seeded.bucket}`
    await gate.makeBucket(bucket)
    await put('/outputs/shared', { kind: 's3', settings: { endpoint_url: gate.url } })
    const saved = await put('/connections/role', {
      input: seeded.key.replace('key-', ''),
      output: 'shared',
      settings: {
        bucket_name: bucket,
        store_by_date: 'none',
        server_side_encryption: 'aws:kms:key/1',
      },
    })
    expect(saved.status).toBe(201)
    const [proof] = await gate.allObjects(bucket)
    expect(proof?.key).toMatch(/^weir_Bucket_Verification_\d{8}-\d{6}\.txt$/)
    expect(proof?.text).toBe('{}')
    expect(proof?.headers).toMatchObject({
      'x-amz-acl': 'bucket-owner-full-control',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key/1',
    })
    await admin('/connections/role?discard=true', { method: 'DELETE' })
  })

  it('assumes a role once, and again when its session has ended early', async () => {
    const arn = 'arn:aws:iam::123456789012:role/lake'
    await gate.roles([{ arn, externalId: 'weir-7' }])
    const seeded = await seed({ sqs: false })
    const output = {
      kind: 's3',
      settings: { endpoint_url: gate.url, role_arn: arn, external_id: 'weir-7' },
    }
    await put('/outputs/assumed', output)
    const path = `/connections/${s3Connection(seeded)}`
    const settings = { bucket_name: seeded.bucket, store_by_date: 'none', file_seconds: 5 }
    const input = seeded.key.replace('key-', '')
    expect((await put(path, { input, output: 'assumed', settings })).status).toBe(200)
    const send = async (name: string) => {
      await upload(seeded.key, batchOf([name], { mpid: '1004' }))
      await passWindow()
      await passFile()
    }
    await send('first')
    await gate.expireSessions()
    await send('second')
    await passFile()
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(['first', 'second'])
    expectBalance(await status(s3Connection(seeded)))
  })
})
