import { afterEach, describe, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../../worker/base/json'
import {
  batchOf,
  eventNames,
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  request,
  s3Connection,
  seed,
  status,
} from '../../support/weir'
import { badBodies, gzip, rejectedOf } from './rejected'

afterEach(() => {
  vi.useRealTimers()
})

const post = (key: string, body: unknown, init: RequestInit = {}): Promise<Response> =>
  request(`/in/${key}`, {
    method: 'POST',
    body: typeof body === 'string' || body instanceof ArrayBuffer ? body : JSON.stringify(body),
    ...init,
  })

const problemsOf = async (answer: Response) => {
  const { errors } = (await answer.json()) as { errors: { code: string; path: string }[] }
  return errors
}

const delivered = async (bucket: string) => {
  await passWindow()
  await passFile()
  return linesIn(bucket)
}

describe('the route of weir’s SDK', () => {
  it('stores what it answers 202 to, packed or not, and each request id once', async () => {
    const seeded = await seed({ sqs: false })
    const batch = batchOf(['plain'], { mpid: '2101' })
    expect((await post(seeded.key, batch)).status).toBe(202)
    expect((await post(seeded.key, batch)).status).toBe(202)
    const packed = await gzip(JSON.stringify(batchOf(['packed'], { mpid: '2101' })))
    expect((await post(seeded.key, packed)).status).toBe(202)
    expect(eventNames(await delivered(seeded.bucket))).toEqual(['plain', 'packed'])
    expectBalance(await status(s3Connection(seeded)))
  })

  it('takes a repeat of what the mParticle route took as one', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const body = JSON.stringify(batchOf(['once'], { mpid: '2102' }))
    await request(`/webevents/v3/JS/${key}/events`, { method: 'POST', body })
    expect((await post(key, body)).status).toBe(202)
    expect(eventNames(await delivered(bucket))).toEqual(['once'])
  })

  it('says what is wrong with a body that it cannot understand, and keeps it as rejected', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const bodies = await badBodies()
    for (const [body, code] of bodies) {
      const answer = await post(key, body)
      expect(answer.status).toBe(code === 'too_large' ? 413 : 400)
      expect(await problemsOf(answer)).toMatchObject([{ code, path: '' }])
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
    const rejected = await rejectedOf(key.replace('key-', ''), bodies.length)
    expect(rejected.map((one) => one.problems[0]?.code).sort()).toEqual(
      bodies.map(([, code]) => code).sort()
    )
  })

  it('leaves out a bad event, names it among the rejected, and takes its neighbours', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const { events, ...batch } = batchOf(['good', 'better'], { mpid: '2103' })
    const answer = await post(key, { ...batch, events: [events[0], {}, events[1], 7] })
    expect(answer.status).toBe(202)
    const [rejected] = await rejectedOf(key.replace('key-', ''), 1)
    expect(rejected?.problems.map((one) => one.path)).toEqual(['events.1.event_type', 'events.3'])
    expect(eventNames(await delivered(bucket))).toEqual(['good', 'better'])
  })

  it('refuses an unknown key and a page from elsewhere, whatever they send', async () => {
    const { key } = await seed({
      sqs: false,
      s3: false,
      input: { allowed_origins: ['https://shop.example.org'] },
    })
    const from = (origin: string) => post(key, batchOf(['x']), { headers: { origin } })
    expect((await from('https://shop.example.org')).status).toBe(202)
    const refused = await from('https://evil.example.org')
    expect(refused.status).toBe(403)
    expect(await problemsOf(refused)).toMatchObject([{ code: 'origin_not_allowed' }])
    expect((await post('no-such-key', 'garbage')).status).toBe(403)
  })

  it('answers CORS on everything, also on errors and preflights', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const answers = await Promise.all([
      post(key, batchOf(['x'])),
      post('no-such-key', batchOf(['x'])),
      request(`/in/${key}`, { method: 'OPTIONS' }),
      request(`/in/${key}`),
      request('/in/too/deep'),
    ])
    expect(answers.map((one) => one.status)).toEqual([202, 403, 204, 404, 404])
    for (const one of answers) expect(one.headers.get('access-control-allow-origin')).toBe('*')
  })
})

describe('a sender’s clock', () => {
  const sentBy = async (offByMs: number) => {
    const { key, bucket } = await seed({ sqs: false })
    const sent = Date.now() + offByMs
    const data = { event_name: 'a', timestamp_unixtime_ms: sent - 2000 }
    const events = [{ event_type: 'custom_event', data }]
    const user = { mpid: undefined, mp_deviceid: crypto.randomUUID() }
    await post(key, batchOf([], { ...user, events, sent_unixtime_ms: sent }))
    const [line] = await delivered(bucket)
    expect(line).not.toHaveProperty('sent_unixtime_ms')
    expect(line?.events).toHaveLength(1)
    const [event] = (line?.events ?? []) as { data: JsonObject }[]
    return { sent, received: Number(line?.timestamp_unixtime_ms), data: event?.data }
  }

  it.each([
    ['an hour behind', -3_600_000],
    ['a day ahead', 86_400_000],
  ])('that is %s is corrected, and the time that it told is kept', async (_what, offByMs) => {
    const { sent, received, data } = await sentBy(offByMs)
    expect(data).toMatchObject({
      timestamp_unixtime_ms: String(received - 2000),
      event_start_unixtime_ms: String(received - 2000),
      source_timestamp_unixtime_ms: String(sent - 2000),
    })
  })

  it('that is half a minute behind is believed, since the way here takes time, too', async () => {
    const { sent, data } = await sentBy(-30_000)
    expect(data?.timestamp_unixtime_ms).toBe(String(sent - 2000))
    expect(data).not.toHaveProperty('source_timestamp_unixtime_ms')
  })
})

describe('an alias request by identities', () => {
  const times = { start_unixtime_ms: 1795229702207, end_unixtime_ms: 1795229708345 }
  const anonymous = () => ({ mp_deviceid: crypto.randomUUID() })
  const known = () => ({ user_identities: { customer_id: crypto.randomUUID() } })

  const aliasOf = (data: object, fields: object = {}) => ({
    request_id: crypto.randomUUID(),
    request_type: 'alias',
    environment: 'production',
    sent_unixtime_ms: Date.now(),
    data: { ...times, scope: 'device', device_application_stamp: 'stamp', ...data },
    ...fields,
  })

  it('goes out with the mpids that batches of these users have, and without their names', async () => {
    const { key, bucket } = await seed({ sqs: false, s3: { send_alias_requests: true } })
    const source = anonymous()
    const destination = { ...known(), mp_deviceid: source.mp_deviceid }
    for (const user of [source, destination]) {
      await post(key, { ...batchOf(['visit']), mpid: undefined, ...user })
    }
    const alias = aliasOf({ source, destination })
    expect((await post(key, alias)).status).toBe(202)
    expect((await post(key, alias)).status).toBe(202)
    const lines = await delivered(bucket)
    const isAlias = (line: Record<string, unknown>) => line.message_type === 'alias_request'
    const [sent, ...more] = lines.filter(isAlias)
    expect(more).toEqual([])
    const mpids = lines.filter((line) => !isAlias(line)).map((line) => line.mpid)
    const { source_mpid, destination_mpid, ...data } = (sent?.data ?? {}) as JsonObject
    expect([source_mpid, destination_mpid].sort()).toEqual(mpids.sort())
    expect(source_mpid).not.toBe(destination_mpid)
    expect(data).toEqual({
      start_unixtime_ms: '1795229702207',
      end_unixtime_ms: '1795229708345',
      scope: 'device',
      device_application_stamp: 'stamp',
    })
    expect(sent?.request_id).toBe(alias.request_id)
    expect(sent).not.toHaveProperty('sent_unixtime_ms')
  })

  it('may give one mpid or both instead', async () => {
    const { key, bucket } = await seed({ sqs: false, s3: { send_alias_requests: true } })
    const destination = { destination_mpid: '7346244611012968789' }
    for (const source of [{ source_mpid: -5 }, { source_mpid: 0, source: anonymous() }]) {
      expect((await post(key, aliasOf({ ...source, ...destination }))).status).toBe(202)
    }
    const data = (await delivered(bucket)).map((line) => line.data as JsonObject)
    expect(data.map((one) => one.destination_mpid)).toEqual(Array(2).fill('7346244611012968789'))
    expect(data[0]?.source_mpid).toBe('-5')
    expect(data[1]?.source_mpid).toMatch(/^[1-9]\d*$/)
  })

  it('has its times on our clock when its sender’s is wrong', async () => {
    const { key, bucket } = await seed({ sqs: false, s3: { send_alias_requests: true } })
    const users = { source: anonymous(), destination: known() }
    const before = Date.now()
    await post(key, aliasOf(users, { sent_unixtime_ms: before - 3_600_000 }))
    const [line] = await delivered(bucket)
    const data = (line?.data ?? {}) as JsonObject
    const movedMs = Number(data.start_unixtime_ms) - times.start_unixtime_ms
    expect(movedMs).toBeGreaterThanOrEqual(3_600_000)
    expect(movedMs).toBeLessThan(3_660_000)
    expect(Number(data.end_unixtime_ms) - times.end_unixtime_ms).toBe(movedMs)
  })

  const someone = { mp_deviceid: 'd' }
  it.each<[string, object, string[]]>([
    ['has no data', { data: undefined }, ['data']],
    ['names nobody', aliasOf({}), ['data.source', 'data.destination']],
    ['names no destination', aliasOf({ source: someone }), ['data.destination']],
    [
      'names users without identity or device',
      aliasOf({
        source: { user_identities: { email: null }, mp_deviceid: '', source_request_id: 'r' },
        destination: 'someone',
      }),
      ['data.source', 'data.destination'],
    ],
    [
      'names the same user twice',
      aliasOf({ source: someone, destination: { ...someone, user_identities: {} } }),
      ['data.source'],
    ],
    [
      'lacks its times, too',
      aliasOf({ source: someone, start_unixtime_ms: 'soon', end_unixtime_ms: undefined }),
      ['data.destination', 'data.start_unixtime_ms', 'data.end_unixtime_ms'],
    ],
    [
      'ends before it starts',
      aliasOf({ source: someone, destination: known(), end_unixtime_ms: 1 }),
      ['data.start_unixtime_ms'],
    ],
  ])(
    'that %s is refused with all its problems, and kept as rejected',
    async (_what, body, paths) => {
      const { key } = await seed({ sqs: false, s3: false })
      const answer = await post(key, { request_type: 'alias', ...body })
      expect(answer.status).toBe(400)
      expect((await problemsOf(answer)).map((one) => one.path)).toEqual(paths)
      const [rejected] = await rejectedOf(key.replace('key-', ''), 1)
      expect(rejected?.payload).toContain('"alias"')
    }
  )
})
