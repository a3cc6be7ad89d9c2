import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  admin,
  batchOf,
  eventNames,
  linesIn,
  passFile,
  passWindow,
  request,
  s3Connection,
  seed,
  status,
  upload,
} from '../../support/weir'
import { badBodies, gzip, type RejectedList, rejectedOf } from './rejected'

afterEach(() => {
  vi.useRealTimers()
})

const deliveredNames = async (bucket: string) => {
  await passWindow()
  await passFile()
  return eventNames(await linesIn(bucket))
}

describe('the events route', () => {
  it('takes a batch whatever its content type, and matches its fixed words in either case', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const post = (path: string, name: string, type: string) =>
      request(path, {
        method: 'POST',
        body: JSON.stringify(batchOf([name], { mpid: '2001' })),
        headers: { 'content-type': type },
      })
    const paths = [`/webevents/v3/JS/${key}/events`, `/WebEvents/v3/js/${key}/Events`]
    expect((await post(paths[0]!, 'text', 'text/plain;charset=UTF-8')).status).toBe(202)
    expect((await post(paths[1]!, 'json', 'application/json')).status).toBe(202)
    expect(await deliveredNames(bucket)).toEqual(['text', 'json'])
  })

  it('knows gzip by its first bytes, since naming it would cost a preflight', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const body = await gzip(JSON.stringify(batchOf(['packed'], { mpid: '2002' })))
    const path = `/webevents/v3/JS/${key}/events`
    expect((await request(path, { method: 'POST', body })).status).toBe(202)
    expect(await deliveredNames(bucket)).toEqual(['packed'])
  })

  it('takes a repeated request id once, also when it comes again after the delivery', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const batch = batchOf(['once'], { mpid: '2003' })
    await upload(key, batch)
    expect((await upload(key, batch)).status).toBe(202)
    expect(await deliveredNames(bucket)).toEqual(['once'])
    await upload(key, batch)
    expect(await deliveredNames(bucket)).toEqual(['once'])
  })

  it('answers CORS on everything, also on errors and preflights', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const path = `/webevents/v3/JS/${key}/events`
    const answers = await Promise.all([
      upload(key, batchOf(['x'])),
      upload('no-such-key', batchOf(['x'])),
      upload(key, 'garbage'),
      request(path, { method: 'OPTIONS' }),
      request('/webevents/nowhere'),
    ])
    expect(answers.map((one) => one.status)).toEqual([202, 403, 202, 204, 404])
    for (const one of answers) expect(one.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('refuses an unknown key, a disabled input, and a page from elsewhere', async () => {
    expect((await upload('no-such-key', batchOf(['x']))).status).toBe(403)
    const off = await seed({ sqs: false, s3: false, input: { enabled: false } })
    expect((await upload(off.key, batchOf(['x']))).status).toBe(403)
    const { key } = await seed({
      sqs: false,
      s3: false,
      input: { allowed_origins: ['https://shop.example.org'] },
    })
    const from = (origin: string) => upload(key, batchOf(['x']), { headers: { origin } })
    expect((await from('https://shop.example.org')).status).toBe(202)
    const refused = await from('https://evil.example.org')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'origin_not_allowed' }] })
  })

  it('keeps bodies that it cannot read as rejected, and answers as if all were well', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const input = key.replace('key-', '')
    const bodies = await badBodies()
    for (const [body] of bodies) {
      const answer = await request(`/webevents/v3/JS/${key}/events`, { method: 'POST', body })
      expect(answer.status).toBe(202)
    }
    const rejected = await rejectedOf(input, bodies.length)
    expect(rejected.map((one) => one.problems[0]?.code).sort()).toEqual(
      bodies.map(([, code]) => code).sort()
    )
  })

  it('takes empty lists, and does not mind a header of 100 KB', async () => {
    const { key, bucket } = await seed({ sqs: false })
    await upload(key, batchOf([]))
    await upload(key, { mpid: '2008' })
    const headers = { 'x-long': 'x'.repeat(100_000) }
    const sent = await upload(key, batchOf(['long'], { mpid: '2008' }), { headers })
    expect(sent.status).toBe(202)
    expect(await deliveredNames(bucket)).toEqual(['long'])
    expect(await rejectedOf(key.replace('key-', ''), 0)).toEqual([])
  })

  it('leaves out a bad event, names its path, and takes its neighbours', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const { events, ...batch } = batchOf(['good', 'better'], { mpid: '2004' })
    const mixed = [events[0], { data: { event_name: 'untyped' } }, 'text', events[1], null]
    await upload(key, { ...batch, events: mixed })
    const [rejected] = await rejectedOf(key.replace('key-', ''), 1)
    expect(rejected?.problems.map((one) => one.path)).toEqual([
      'events.1.event_type',
      'events.2',
      'events.4',
    ])
    expect(rejected?.payload).toContain('untyped')
    expect(await deliveredNames(bucket)).toEqual(['good', 'better'])
    expect((await status(s3Connection({ key, bucket, queue: '' }))).ledger.accepted).toBe(2)
  })

  it('keeps only some of a flood of garbage, and counts all of it', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const before = ((await (await admin('/rejected')).json()) as RejectedList).count
    await Promise.all(Array.from({ length: 100 }, () => upload(key, 'garbage')))
    await vi.waitFor(
      async () => {
        const { count } = (await (await admin('/rejected')).json()) as RejectedList
        expect(count - before).toBe(100)
      },
      { timeout: 10_000, interval: 50 }
    )
    const { rejected } = (await (await admin('/rejected?limit=200')).json()) as RejectedList
    const kept = rejected.filter((one) => one.input === key.replace('key-', ''))
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThan(60)
  })

  it('adds the browser’s address and user agent, which the page cannot forge', async () => {
    const { key, bucket } = await seed({ sqs: false })
    await upload(
      key,
      batchOf(['seen'], { mpid: '2005', ip: '203.0.113.9', source_info: { channel: 'x' } }),
      {
        headers: { 'cf-connecting-ip': '198.51.100.7', 'user-agent': 'Test/1.0' },
      }
    )
    await deliveredNames(bucket)
    expect(await linesIn(bucket)).toMatchObject([
      {
        ip: '198.51.100.7',
        device_info: { http_header_user_agent: 'Test/1.0' },
        source_info: { channel: 'javascript' },
      },
    ])
  })

  it('takes alias requests and forwards them where the connection says so', async () => {
    const { key, bucket } = await seed({ sqs: false, s3: { send_alias_requests: true } })
    const alias = (data: unknown) =>
      request(`/webevents/v1/identity/${key}/Alias`, {
        method: 'POST',
        body: JSON.stringify({
          request_id: crypto.randomUUID(),
          request_type: 'alias',
          api_key: key,
          data,
        }),
      })
    const data = {
      destination_mpid: '2007',
      source_mpid: '2006',
      start_unixtime_ms: 1795229702207,
      end_unixtime_ms: 1795229708345,
    }
    const bad = await alias({ ...data, source_mpid: '2007' })
    expect(bad.status).toBe(400)
    expect(await bad.json()).toMatchObject({ code: 'invalid', path: 'data.destination_mpid' })
    expect((await alias(data)).status).toBe(202)
    await passWindow()
    await passFile()
    const [line] = await linesIn(bucket)
    expect(line).toMatchObject({
      message_type: 'alias_request',
      data: { ...data, start_unixtime_ms: '1795229702207', end_unixtime_ms: '1795229708345' },
    })
    expect(line).not.toHaveProperty('api_key')
  })
})
