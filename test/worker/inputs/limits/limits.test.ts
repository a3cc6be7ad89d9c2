import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimit } from '../../../../worker/rates/rate-limit'
import { basic, post, secret } from '../../../support/events-api'
import { mobileEvent, mobileInput } from '../../../support/mobile-event'
import { putEvents, readAnswer } from '../../../support/put-events'
import { storedText } from '../../../support/stored-text'
import {
  admin,
  batchOf,
  eventNames,
  linesIn,
  moveClock,
  passFile,
  passWindow,
  request,
  type Seeded,
  seed,
  upload,
} from '../../../support/weir'

beforeEach(() => {
  moveClock(0)
  // The first second of a minute, so that no test sees two of them.
  vi.setSystemTime(Math.ceil(Date.now() / 60_000) * 60_000)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const seedWith = (limits: object, input: object = {}) =>
  seed({ sqs: false, input: { secret, limits, ...input } })

const from = (address: string) => ({ headers: { 'cf-connecting-ip': address } })

const statuses = async (count: number, send: () => Promise<Response>): Promise<number[]> => {
  const answers: number[] = []
  for (let i = 0; i < count; i++) answers.push((await send()).status)
  return answers
}

const identify = (key: string, headers: Record<string, string> = {}) =>
  request('/identity/v1/identify', {
    method: 'POST',
    body: JSON.stringify({ known_identities: { email: 'ada@example.org' } }),
    headers: { 'x-mp-key': key, ...headers },
  })

const forward = (key: string, headers: Record<string, string> = {}) =>
  request(`/webevents/v1/JS/${key}/Forwarding`, { method: 'POST', body: '{}', headers })

const wrong = (key: string) => ({ authorization: basic(key, 'a-wrong-secret') })

const statusOf = async ({ key }: Seeded) =>
  (await admin(`/inputs/${key.replace('key-', '')}/status`)).json<{
    quota?: { events_per_day: number; used: number }
    counts: { total: Record<string, number>; days: Record<string, unknown> }
  }>()

const expectCounts = (seeded: Seeded, counts: Record<string, number>) =>
  vi.waitFor(async () => expect((await statusOf(seeded)).counts.total).toEqual(counts), 8000)

const robot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const person = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

describe('the requests of an address', () => {
  it('are refused beyond the limit until the minute is over, those of others are not', async () => {
    const seeded = await seedWith({ requests_per_minute_per_address: 5 })
    const send = (address: string) => upload(seeded.key, batchOf(['one']), from(address))
    expect(await statuses(7, () => send('203.0.113.7'))).toEqual([
      202, 202, 202, 202, 202, 429, 429,
    ])
    expect((await send('203.0.113.8')).status).toBe(202)
    const refused = await send('203.0.113.7')
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'too_many_requests' }] })
    moveClock(60_000)
    expect((await send('203.0.113.7')).status).toBe(202)
    await expectCounts(seeded, { requests_over_address_limit: 3 })
  })

  it('are those of the network where the address is of IPv6', async () => {
    const seeded = await seedWith({ requests_per_minute_per_address: 1 })
    const send = (address: string) => upload(seeded.key, batchOf(['one']), from(address))
    expect((await send('2001:db8:1:2::1')).status).toBe(202)
    expect((await send('2001:db8:1:2:ffff::9')).status).toBe(429)
    expect((await send('2001:db8:1:3::1')).status).toBe(202)
  })

  it.each<[string, (key: string, headers: Record<string, string>) => Promise<Response>]>([
    ['the identity', (key, headers) => identify(key, headers)],
    ['integrations of a page', (key, headers) => forward(key, headers)],
  ])('about %s are refused beyond the limit', async (_, send) => {
    const { key } = await seedWith({ requests_per_minute_per_address: 1 })
    const ask = (address: string) => send(key, { 'cf-connecting-ip': address })
    expect((await ask('203.0.113.7')).ok).toBe(true)
    expect((await ask('203.0.113.7')).status).toBe(429)
    expect((await ask('203.0.113.8')).ok).toBe(true)
  })

  it('leave no address in storage', async () => {
    const seeded = await seedWith(
      { requests_per_minute_per_address: 1 },
      { privacy: { ip: 'drop' } }
    )
    await statuses(5, () => upload(seeded.key, batchOf(['one']), from('198.51.100.213')))
    expect(await storedText()).not.toContain('198.51.100.213')
  })
})

describe('the requests of an input', () => {
  it.each<[string, (seeded: Seeded) => Promise<Response>]>([
    ['of mParticle’s SDK', ({ key }) => upload(key, batchOf(['one']))],
    [
      'of weir’s own SDK',
      ({ key }) =>
        request(`/in/${key}`, { method: 'POST', body: JSON.stringify(batchOf(['one'])) }),
    ],
    ['of servers', (seeded) => post(seeded, 'events', batchOf(['one']))],
    ['of servers in bulk', (seeded) => post(seeded, 'bulkevents', [batchOf(['one'])])],
    ['about integrations of a page', ({ key }) => forward(key)],
  ])('%s are refused beyond the limit', async (_, send) => {
    const seeded = await seedWith({ requests_per_minute: 3 })
    expect(await statuses(5, () => send(seeded))).toEqual([202, 202, 202, 429, 429])
    await expectCounts(seeded, { requests_over_minute_limit: 2 })
  })

  it('for the identity of a user are refused beyond the limit', async () => {
    const seeded = await seedWith({ requests_per_minute: 3 })
    const ask = () => identify(seeded.key)
    expect(await statuses(4, ask)).toEqual([200, 200, 200, 429])
    const refused = await ask()
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(await refused.json()).toMatchObject({ ErrorCode: 'too_many_requests' })
  })

  it.each<[string, (key: string) => Promise<Response>, number]>([
    ['the Events API', (key) => post({ key }, 'events', batchOf([]), wrong(key)), 403],
    ['the identity', (key) => identify(key, { 'x-mp-key': '', ...wrong(key) }), 403],
  ])('that guess a secret for %s are refused beyond the limit', async (_, send, status) => {
    const seeded = await seedWith({ requests_per_minute: 3 })
    const ask = () => send(seeded.key)
    expect(await statuses(5, ask)).toEqual([status, status, status, 429, 429])
    expect((await post(seeded, 'events', batchOf(['one']))).status).toBe(429)
  })

  it('of an app are throttled, so that it keeps its events', async () => {
    await seedWith({ requests_per_minute: 1 }, mobileInput())
    expect((await putEvents([mobileEvent('one')])).status).toBe(202)
    const refused = await putEvents([mobileEvent('two')])
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    expect(await readAnswer(refused)).toMatchObject({ status: 400, type: 'ThrottlingException' })
  })

  it('ask nobody where it has no limits', async () => {
    const asks = (['askMinute', 'askQuota', 'count'] as const).map((name) =>
      vi.spyOn(RateLimit.prototype, name)
    )
    const { key } = await seed({ sqs: false })
    await statuses(3, () => upload(key, batchOf(['one'])))
    for (const ask of asks) expect(ask).not.toHaveBeenCalled()
  })
})

describe('the quota of a day', () => {
  it('is kept to by whole batches until midnight', async () => {
    const seeded = await seedWith({ events_per_day: 5 })
    const send = (...names: string[]) => upload(seeded.key, batchOf(names))
    expect((await send('a', 'b', 'c')).status).toBe(202)
    const refused = await send('d', 'e', 'f')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'quota_exceeded' }] })
    const waitMs = Number(refused.headers.get('retry-after')) * 1000
    expect((Date.now() + waitMs) % 86_400_000).toBe(0)
    expect((await send('g', 'h')).status).toBe(202)
    expect((await statusOf(seeded)).quota).toEqual({ events_per_day: 5, used: 5 })
    moveClock(waitMs)
    expect((await send('d', 'e', 'f')).status).toBe(202)
    await expectCounts(seeded, { events_over_quota: 3 })
  })

  it('takes all batches of a request or none', async () => {
    const seeded = await seedWith({ events_per_day: 3 })
    const bulk = (...sizes: number[]) =>
      post(
        seeded,
        'bulkevents',
        sizes.map((size) => batchOf(Array(size).fill('one')))
      )
    expect((await bulk(2, 2)).status).toBe(429)
    expect((await bulk(2, 1)).status).toBe(202)
    await passWindow()
    await passFile()
    expect(eventNames(await linesIn(seeded.bucket))).toHaveLength(3)
  })

  const alias = () => ({
    request_id: crypto.randomUUID(),
    request_type: 'alias',
    environment: 'production',
    api_key: 'key',
    data: {
      source_mpid: '7000000000001000005',
      destination_mpid: '7000000000001000004',
      start_unixtime_ms: Date.now() - 1000,
      end_unixtime_ms: Date.now(),
    },
  })
  const toAlias = (path: string, body: object) =>
    request(path, { method: 'POST', body: JSON.stringify(body) })

  it.each<[string, (seeded: Seeded) => Promise<Response>]>([
    ['batches of pages', ({ key }) => upload(key, batchOf([]))],
    ['batches of servers', (seeded) => post(seeded, 'events', batchOf([]))],
    ['batches in bulk', (seeded) => post(seeded, 'bulkevents', [batchOf([])])],
    ['aliases', ({ key }) => toAlias(`/webevents/v1/identity/${key}/Alias`, alias())],
    ['aliases of weir’s own SDK', ({ key }) => toAlias(`/in/${key}`, alias())],
  ])('counts %s without events as one each', async (_, send) => {
    const seeded = await seedWith({ events_per_day: 2 })
    expect(await statuses(3, () => send(seeded))).toEqual([202, 202, 429])
    expect((await statusOf(seeded)).quota?.used).toBe(2)
  })

  it('counts each batch of a request in bulk', async () => {
    const seeded = await seedWith({ events_per_day: 3 })
    const bulk = (...names: string[][]) =>
      post(
        seeded,
        'bulkevents',
        names.map((one) => batchOf(one))
      )
    expect((await bulk([], [], ['a', 'b'])).status).toBe(429)
    expect((await bulk([], ['a', 'b'])).status).toBe(202)
  })
})

describe('robots', () => {
  const send = ({ key }: Seeded, agent: string) =>
    upload(key, batchOf(['one'], { mp_deviceid: agent }), { headers: { 'user-agent': agent } })

  it.each([
    ['keep', [undefined, undefined], {}],
    ['flag', [true, undefined], { requests_of_bots_flagged: 1 }],
    ['drop', [undefined], { requests_of_bots_dropped: 1 }],
  ])(
    'are known by their user agents, and %s is what becomes of them',
    async (bots, flags, counts) => {
      const seeded = await seedWith({ bots })
      expect((await send(seeded, robot)).status).toBe(202)
      expect((await send(seeded, person)).status).toBe(202)
      await passWindow()
      await passFile()
      const lines = await linesIn(seeded.bucket)
      expect(lines.map((line) => line.is_bot).sort()).toEqual([...flags].sort())
      await expectCounts(seeded, counts)
    }
  )

  it('are not who sends for servers', async () => {
    const seeded = await seedWith({ bots: 'drop' })
    const sent = await request('/v2/events', {
      method: 'POST',
      headers: { authorization: basic(seeded.key), 'user-agent': 'curl/8.1' },
      body: JSON.stringify(batchOf(['one'])),
    })
    expect(sent.status).toBe(202)
    await passWindow()
    await passFile()
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(['one'])
  })

  it.each([
    ['of an app in a browser are flagged', { origin: 'https://a.test' }, true],
    ['of a native app are its tools', {}, undefined],
  ])('%s', async (_, headers, flag) => {
    const seeded = await seedWith({ bots: 'flag' }, mobileInput())
    await putEvents([mobileEvent('one')], { beside: { 'user-agent': robot, ...headers } })
    await passWindow()
    await passFile()
    expect((await linesIn(seeded.bucket)).map((line) => line.is_bot)).toEqual([flag])
  })
})
