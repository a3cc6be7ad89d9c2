import { afterEach, describe, expect, it, vi } from 'vitest'
import { Profile } from '../../../worker/partitions/profile'
import { inputOf, post, seedServer } from '../../support/events-api'
import {
  batchOf,
  eventNames,
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  request,
  type Seeded,
  s3Connection,
  status,
} from '../../support/weir'
import { badBodies, gzip, rejectedOf } from './rejected'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const delivered = async (seeded: Seeded) => {
  await passWindow()
  await passFile()
  expectBalance(await status(s3Connection(seeded)))
  return linesIn(seeded.bucket)
}
const deliveredNames = async (seeded: Seeded) => eventNames(await delivered(seeded)).sort()

const untyped = { events: [...batchOf(['beside']).events, { data: { event_name: 'untyped' } }] }
const missing = 'Required event field "event_type" is missing or empty.'

describe('a batch of a server', () => {
  it.each(['events', 'events/', 'EVENTS'])('is taken at %s with an empty answer', async (path) => {
    const seeded = await seedServer()
    const answer = await post(seeded, path, batchOf(['one'], { mpid: '3001' }))
    expect(answer.status).toBe(202)
    expect(await answer.text()).toBe('')
    expect(answer.headers.get('x-mp-rate-limit-percentage-used')).toBeNull()
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(await deliveredNames(seeded)).toEqual(['one'])
  })

  it('says whose address and browser it is about; the server’s own are not recorded', async () => {
    const seeded = await seedServer()
    const headers = { 'cf-connecting-ip': '198.51.100.7', 'user-agent': 'node-superagent/3.8.3' }
    const batch = { mpid: '3002', source_info: { channel: 'native' } }
    await post(seeded, 'events', batchOf(['a'], { ...batch, ip: '203.0.113.9' }), headers)
    await post(seeded, 'events', batchOf(['b'], { ...batch, mpid: '3003' }), headers)
    const lines = await delivered(seeded)
    expect(Object.fromEntries(lines.map((one) => [one.mpid, one.ip]))).toEqual({
      3002: '203.0.113.9',
      3003: undefined,
    })
    for (const one of lines) {
      expect(one).toMatchObject({ source_info: { channel: 'server_to_server' } })
      expect(one).not.toHaveProperty('device_info')
    }
  })

  it('with a bad event is refused whole, in mParticle’s words, and kept as rejected', async () => {
    const seeded = await seedServer()
    const answer = await post(seeded, 'events', untyped)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      errors: [{ code: 'BAD_REQUEST', message: missing, path: 'events.1.event_type' }],
    })
    const [rejected] = await rejectedOf(inputOf(seeded), 1)
    expect(rejected?.payload).toContain('untyped')
    expect(await deliveredNames(seeded)).toEqual([])
  })

  it('without events is taken', async () => {
    const seeded = await seedServer()
    const batch = { user_identities: { customerid: 'c-1' }, user_attributes: { plan: 'pro' } }
    expect((await post(seeded, 'events', batch)).status).toBe(202)
  })

  it('is taken once, however often it comes, alone or among others', async () => {
    const seeded = await seedServer()
    const batch = batchOf(['once'], { mpid: '3004' })
    await post(seeded, 'events', batch)
    await post(seeded, 'bulkevents', [batch, batch])
    expect((await post(seeded, 'events', batch)).status).toBe(202)
    expect(await deliveredNames(seeded)).toEqual(['once'])
  })
})

describe('a bulk request', () => {
  it('is taken with its good batches; each bad one is kept as rejected', async () => {
    const seeded = await seedServer()
    const batches = [batchOf(['first'], { mpid: '3011' }), untyped, 'text', batchOf(['last'])]
    const answer = await post(seeded, 'bulkevents', batches)
    expect([answer.status, await answer.text()]).toEqual([202, ''])
    const rejected = await rejectedOf(inputOf(seeded), 2)
    expect(rejected.map((one) => one.problems[0]?.path).sort()).toEqual([
      '1.events.1.event_type',
      '2',
    ])
    expect(await deliveredNames(seeded)).toEqual(['first', 'last'])
  })

  it('of nothing but bad batches is refused, with all that is wrong', async () => {
    const seeded = await seedServer()
    const answer = await post(seeded, 'bulkevents', [untyped, null])
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      errors: [
        { code: 'BAD_REQUEST', message: missing, path: '0.events.1.event_type' },
        { code: 'BAD_REQUEST', message: 'A batch must be a JSON object.', path: '1' },
      ],
    })
    await rejectedOf(inputOf(seeded), 2)
  })

  it('of no batches is taken', async () => {
    const seeded = await seedServer()
    expect((await post(seeded, 'bulkevents', [])).status).toBe(202)
  })

  it('of 100 batches stores those of one user in their order, and all numbers exactly', async () => {
    const seeded = await seedServer()
    const mpid = '7346244611012968789'
    const texts = Array.from({ length: 100 }, (_, i) => {
      const other = `30${100 + i}`
      const batch = batchOf([`n${String(i).padStart(2, '0')}`], { mpid: 'here' })
      return JSON.stringify(batch).replace('"here"', i % 2 ? mpid : other)
    })
    expect((await post(seeded, 'bulkevents', `[${texts.join()}]`)).status).toBe(202)
    const lines = await delivered(seeded)
    const ordered = Array.from({ length: 50 }, (_, i) => `n${String(2 * i + 1).padStart(2, '0')}`)
    expect(eventNames(lines.filter((one) => one.mpid === mpid))).toEqual(ordered)
    expect(eventNames(lines)).toHaveLength(100)
  })

  it('of which a part cannot be stored is to be sent again, and then stored once', async () => {
    const seeded = await seedServer()
    const upload = Profile.prototype.upload
    const batches = [
      batchOf(['a1'], { mpid: '3021' }),
      batchOf(['b1'], { mpid: '3022' }),
      batchOf(['a2'], { mpid: '3021' }),
      batchOf(['b2'], { mpid: '3022' }),
    ]
    const failing = vi.spyOn(Profile.prototype, 'upload').mockImplementation(function (
      this: Profile,
      mpid,
      body
    ) {
      if (mpid === '3021') throw new Error('The disk is full.')
      return upload.call(this, mpid, body)
    })
    const answer = await post(seeded, 'bulkevents', batches)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'SERVICE_UNAVAILABLE' }] })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    failing.mockRestore()
    expect((await post(seeded, 'bulkevents', batches)).status).toBe(202)
    const lines = await delivered(seeded)
    const namesOf = (mpid: string) => eventNames(lines.filter((one) => one.mpid === mpid))
    expect(namesOf('3021')).toEqual(['a1', 'a2'])
    expect(namesOf('3022')).toEqual(['b1', 'b2'])
  })
})

describe('a historical request', () => {
  const aged = (name: string, days: number, mpid: string) => {
    const batch = batchOf([name], { mpid })
    const data = { ...batch.events[0]!.data, timestamp_unixtime_ms: Date.now() - days * 86_400_000 }
    return { ...batch, events: [{ event_type: 'custom_event', data }] }
  }

  it('is forwarded, marked; what is no history is kept as rejected', async () => {
    const seeded = await seedServer()
    const batches = [aged('old', 400, '3031'), aged('new', 1, '3031'), { events: [] }]
    expect((await post(seeded, 'bulkevents/historical', batches)).status).toBe(202)
    const rejected = await rejectedOf(inputOf(seeded), 2)
    expect(rejected.map((one) => one.problems[0])).toMatchObject([
      { code: 'not_historical', path: '2.events' },
      { code: 'not_historical', path: '1.events.0.data.timestamp_unixtime_ms' },
    ])
    const lines = await delivered(seeded)
    expect(eventNames(lines)).toEqual(['old'])
    expect(lines[0]).toMatchObject({
      source_info: { channel: 'server_to_server', is_historical: true },
    })
  })

  it('is left out by connections that do not want history', async () => {
    const seeded = await seedServer({}, { s3: { include_historical: false } })
    await post(seeded, 'bulkevents/historical', [aged('old', 400, '3032')])
    await post(seeded, 'events', batchOf(['live'], { mpid: '3032' }))
    expect(await deliveredNames(seeded)).toEqual(['live'])
    const { ledger } = await status(s3Connection(seeded))
    expect(ledger.filtered).toEqual({ include_historical: 1 })
  })

  it('is taken when all of it is too young, and refused when all of it is bad', async () => {
    const seeded = await seedServer()
    const young = await post(seeded, 'bulkevents/historical', [aged('new', 2.9, '3033')])
    expect(young.status).toBe(202)
    expect((await post(seeded, 'bulkevents/historical', [untyped])).status).toBe(400)
    expect((await post(seeded, 'bulkevents/historical', [untyped, {}])).status).toBe(202)
    await rejectedOf(inputOf(seeded), 4)
  })
})

describe('a body', () => {
  it.each(['plain', 'identity', 'gzip', 'x-gzip'])('may be said to be %s', async (coding) => {
    const seeded = await seedServer()
    const text = JSON.stringify(batchOf(['packed'], { mpid: '3041' }))
    const body = coding.endsWith('gzip') ? await gzip(text) : text
    const headers: Record<string, string> = coding === 'plain' ? {} : { 'content-encoding': coding }
    expect((await post(seeded, 'events', body, headers)).status).toBe(202)
    expect(await deliveredNames(seeded)).toEqual(['packed'])
  })

  it('is known as gzip also where nobody says so', async () => {
    const seeded = await seedServer()
    const body = await gzip(JSON.stringify([batchOf(['packed'])]))
    expect((await post(seeded, 'bulkevents', body)).status).toBe(202)
    expect(await deliveredNames(seeded)).toEqual(['packed'])
  })

  it.each(['deflate', 'br', 'gzip, gzip'])('that is said to be %s is refused', async (coding) => {
    const seeded = await seedServer()
    const headers = { 'content-encoding': coding }
    const answer = await post(seeded, 'events', batchOf(['no']), headers)
    expect(answer.status).toBe(415)
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'UNSUPPORTED_MEDIA_TYPE' }] })
    await rejectedOf(inputOf(seeded), 1)
  })

  it.each(['events', 'bulkevents', 'bulkevents/historical'])(
    'that cannot be read is refused at %s, kept as rejected, and disturbs nobody',
    async (path) => {
      const seeded = await seedServer()
      const bodies = await badBodies()
      for (const [body, code] of bodies) {
        const answer = await post(seeded, path, body)
        const isLarge = code === 'too_large'
        expect([answer.status, code]).toEqual([isLarge ? 413 : 400, code])
        expect(answer.headers.get('content-type')).toContain('application/json')
        const { errors } = (await answer.json()) as { errors: { code: string; message: string }[] }
        expect(errors[0]?.code).toBe(isLarge ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST')
        expect(errors[0]?.message).not.toBe('')
      }
      const count = path === 'events' ? bodies.length : bodies.length + 1
      await rejectedOf(inputOf(seeded), count)
      expect((await post(seeded, 'events', batchOf(['after']))).status).toBe(202)
      expect(await deliveredNames(seeded)).toEqual(['after'])
    }
  )

  it.each([
    [262_144, 202],
    [262_145, 413],
  ])('of %i bytes is answered %i', async (bytes, expected) => {
    const seeded = await seedServer()
    const batch = JSON.stringify(batchOf(['large'], { pad: '' }))
    const body = batch.replace('"pad":""', `"pad":"${'x'.repeat(bytes - batch.length)}"`)
    expect((await post(seeded, 'events', body)).status).toBe(expected)
  })
})

it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])(
  'tells a %s request that batches are posted',
  async (method) => {
    const answer = await request('/v2/bulkevents', { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  }
)
