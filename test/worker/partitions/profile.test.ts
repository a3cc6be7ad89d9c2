import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { directoryShard } from '../../../worker/partitions/directory/shards'
import { gate } from '../../support/gate-client'
import {
  admin,
  batchOf,
  eventNames,
  expectBalance,
  linesIn,
  moveClock,
  passFile,
  passWindow,
  put,
  runAlarms,
  s3Connection,
  seed,
  sqsConnection,
  status,
  upload,
} from '../../support/weir'

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
})

let nextMpid = 3000
const newMpid = (): string => String(nextMpid++)

const names = async (bucket: string) => eventNames(await linesIn(bucket))

const profileOf = async (mpid: string) => (await admin(`/profiles/${mpid}`)).json()

describe('windows', () => {
  it('gather the events of each device into one batch', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const mpid = newMpid()
    await upload(key, batchOf(['phone 1'], { mpid, mp_deviceid: 'phone' }))
    await upload(key, batchOf(['laptop 1'], { mpid, mp_deviceid: 'laptop' }))
    await upload(key, batchOf(['phone 2'], { mpid, mp_deviceid: 'phone' }))
    await upload(key, batchOf(['test'], { mpid, mp_deviceid: 'phone', environment: 'development' }))
    await passWindow()
    await passFile()
    const lines = await linesIn(bucket)
    expect(lines.map((line) => eventNames([line])).sort()).toEqual([
      ['laptop 1'],
      ['phone 1', 'phone 2'],
      ['test'],
    ])
  })

  it('start with the first event and are not extended', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const mpid = newMpid()
    await upload(key, batchOf(['first'], { mpid }))
    moveClock(3_000)
    await upload(key, batchOf(['second'], { mpid }))
    moveClock(2_500)
    await runAlarms('PROFILE')
    await upload(key, batchOf(['third'], { mpid }))
    await passWindow()
    await passFile()
    expect((await linesIn(bucket)).map((line) => eventNames([line]))).toEqual([
      ['first', 'second'],
      ['third'],
    ])
  })

  it('survive an object that dies before and after each step', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const mpid = newMpid()
    await upload(key, batchOf(['one'], { mpid }))
    await abortAllDurableObjects()
    await upload(key, batchOf(['two'], { mpid }))
    await abortAllDurableObjects()
    await passWindow()
    await abortAllDurableObjects()
    await passFile()
    await abortAllDurableObjects()
    await passWindow()
    await passFile()
    expect(await names(bucket)).toEqual(['one', 'two'])
  })

  it('send each event at once where the connection says so', async () => {
    const seeded = await seed({ s3: false, sqs: { send_as_batch: false } })
    await upload(seeded.key, batchOf(['a', 'b'], { mpid: newMpid() }))
    await vi.waitFor(
      async () => {
        const messages = await gate.messages(seeded.queue)
        const bodies = messages.map((one) => JSON.parse(one.body))
        expect(bodies.map((body) => eventNames([body]))).toEqual([['a'], ['b']])
        expect(new Set(bodies.map((body) => body.batch_id)).size).toBe(1)
        expect(new Set(bodies.map((body) => body.message_id)).size).toBe(2)
      },
      { timeout: 10_000 }
    )
    expectBalance(await status(sqsConnection(seeded)))
  })

  it('hold an Android session until it ends, and other platforms not', async () => {
    const { key, bucket } = await seed({ sqs: false, s3: { wait_for_complete_batch: true } })
    const session_uuid = crypto.randomUUID().toUpperCase()
    const part = (name: string, event_type: string, platform: string, mpid: string) => ({
      ...batchOf([], { mpid }),
      device_info: { platform },
      events: [{ event_type, data: { event_name: name, session_uuid } }],
    })
    const [android, web] = [newMpid(), newMpid()]
    await upload(key, part('begin', 'custom_event', 'Android', android))
    await upload(key, part('page', 'custom_event', 'web', web))
    await passWindow()
    await upload(key, part('more', 'custom_event', 'Android', android))
    await passWindow()
    await passFile()
    expect(await names(bucket)).toEqual(['page'])
    await upload(key, part('end', 'session_end', 'Android', android))
    await passWindow()
    await passFile()
    const lines = await linesIn(bucket)
    expect(eventNames(lines.slice(1))).toEqual(['begin', 'more', 'end'])
    expect(lines).toHaveLength(2)
  })

  it('send an unfinished Android session a day after its last event', async () => {
    const seeded = await seed({ sqs: false, s3: { wait_for_complete_batch: true } })
    const { key } = seeded
    await upload(key, {
      ...batchOf([], { mpid: newMpid() }),
      device_info: { platform: 'Android' },
      events: [{ event_type: 'custom_event', data: { event_name: 'lost', session_uuid: 'S' } }],
    })
    moveClock(86_400_000 - 60_000)
    await runAlarms('PROFILE')
    expect((await status(s3Connection(seeded))).ledger.accepted).toBe(0)
    moveClock(61_000)
    await runAlarms('PROFILE')
    expect((await status(s3Connection(seeded))).ledger.accepted).toBe(1)
  })
})

describe('a busy profile', () => {
  it('keeps more than fits one row, in order', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const mpid = newMpid()
    const all = Array.from({ length: 40 }, (_, i) => `big ${String(i).padStart(2, '0')}`)
    for (const name of all) {
      await upload(key, {
        ...batchOf([name], { mpid }),
        user_attributes: { filler: 'x'.repeat(9000) },
      })
    }
    await passWindow()
    await passFile()
    expect(await names(bucket)).toEqual(all)
    await runInDurableObject(env.PROFILE.getByName(mpid), (_, state) => {
      const rows = state.storage.sql.exec("SELECT id FROM profile WHERE body <> ''").toArray()
      expect(rows).toEqual([])
    })
  })

  it('knows repeats among many uploads', async () => {
    const mpid = newMpid()
    const take = (request: number) =>
      env.PROFILE.getByName(mpid).upload(mpid, {
        kind: 'batch',
        input: 'none',
        version: 0,
        received_ms: Date.now(),
        request: String(request).padStart(16, '0'),
        text: '{}',
        ids: '0000000000000001',
        environment: 'production',
        device: '',
        edge: { channel: 'javascript' },
        profile_changes: '',
        windows: [],
        sessions: [],
      })
    const requests = Array.from({ length: 900 }, (_, i) => i)
    const answers = await Promise.all(requests.map(take))
    expect(new Set(answers.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"stored":true}']))
    for (const request of [0, 200, 449, 899]) expect(await take(request)).toEqual({ repeat: true })
    await abortAllDurableObjects()
    for (const request of [0, 899]) expect(await take(request)).toEqual({ repeat: true })
    expect(await take(900)).toEqual({ stored: true })
  })
})

describe('an outbox that refuses', () => {
  it('leaves the events with the profile, in order, until it takes them', async () => {
    const seeded = await seed({ sqs: false })
    const { key, bucket } = seeded
    await gate.faults([{ match: { bucket }, fault: 'slow_down' }])
    const filler = 'x'.repeat(200_000)
    const mpid = newMpid()
    const all = Array.from({ length: 8 }, (_, i) => `event ${i}`)
    for (const name of all) {
      await upload(key, { ...batchOf([name], { mpid }), user_attributes: { filler } })
      await passWindow()
    }
    await passFile()
    const held = await status(s3Connection(seeded))
    expect(held.waiting.deliveries).toBeLessThan(8)
    expect(await profileOf(mpid)).toMatchObject({ open_windows: 8 - held.waiting.deliveries })
    await gate.faults([])
    vi.useRealTimers()
    for (let i = 0; i < 12 && (await names(bucket)).length < all.length; i++) {
      await admin(`/connections/${s3Connection(seeded)}/retry`, { method: 'POST' })
      moveClock(20_000)
      await runAlarms('OUTBOX')
      await runAlarms('PROFILE')
    }
    expect(await names(bucket)).toEqual(all)
    expectBalance(await status(s3Connection(seeded)))
  })
})

describe('a change of settings', () => {
  it('governs what comes in afterwards, not what waits', async () => {
    const seeded = await seed({ sqs: false })
    const { key, bucket } = seeded
    const mpid = newMpid()
    await upload(key, batchOf(['before'], { mpid }))
    const path = `/connections/${s3Connection(seeded)}`
    const given = (await (await admin(path)).json()) as { settings: object }
    const settings = { ...given.settings, send_custom_events: false }
    expect((await put(path, { ...given, settings })).status).toBe(200)
    await upload(key, batchOf(['after'], { mpid }))
    await passWindow()
    await passFile()
    expect(await names(bucket)).toEqual(['before'])
    const { ledger } = await status(s3Connection(seeded))
    expect(ledger).toMatchObject({ accepted: 2, delivered: 1, filtered: { send_custom_events: 1 } })
  })
})

describe('what is known of a user', () => {
  it('is kept across uploads and told with exact numbers', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const mpid = newMpid()
    await upload(
      key,
      `{"mpid":${mpid},"user_attributes":{"plan":"pro","account":12345678901234567890},
      "user_identities":{"email":"ada@example.org"}}`
    )
    await upload(key, {
      mpid,
      deleted_user_attributes: ['plan'],
      user_identities: { google: null },
    })
    const text = await (await admin(`/profiles/${mpid}`)).text()
    expect(text).toContain('"account":12345678901234567890')
    expect(JSON.parse(text)).toMatchObject({
      mpid,
      identities: { email: { identity: 'ada@example.org' } },
      open_windows: 0,
    })
    expect(JSON.parse(text).attributes).not.toHaveProperty('plan')
  })

  it('mentions the ten newest events, newest first, also when all connections have them', async () => {
    const { key } = await seed({ sqs: false })
    const mpid = newMpid()
    const input = key.replace('key-', '')
    await upload(key, batchOf(['first', 'a'.repeat(100)], { mpid }))
    await upload(key, batchOf(['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'], { mpid }))
    await passWindow()
    await passFile()
    const { latest_events: latest } = (await profileOf(mpid)) as {
      latest_events: { name: string }[]
    }
    const names = latest.map(({ name }) => name)
    expect(names).toEqual(['j', 'i', 'h', 'g', 'f', 'e', 'd', 'c', 'b', 'a'.repeat(64)])
    expect(latest[0]).toMatchObject({ type: 'custom_event', input, at_ms: expect.any(Number) })
  })

  it('dates an identity by when it was set', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const mpid = newMpid()
    const user_identities = { customer_id: 'c-1' }
    await upload(key, batchOf(['a'], { mpid, user_identities }))
    await passWindow()
    await upload(key, batchOf(['b'], { mpid, user_identities }))
    await passWindow()
    await passFile()
    const times = (await linesIn(bucket)).map((line) => {
      const [identity] = line.user_identities as { timestamp_unixtime_ms: number }[]
      return identity?.timestamp_unixtime_ms
    })
    expect(times[0]).toBe(times[1])
    expect(typeof times[0]).toBe('number')
  })

  it('tells a change of consent once, in the batch that made it', async () => {
    const { key, bucket } = await seed({ sqs: false })
    const mpid = newMpid()
    const consent = (consented: boolean) => ({
      gdpr: { analytics: { consented, timestamp_unixtime_ms: 1795229709601 } },
    })
    for (const consented of [true, true, false]) {
      await upload(key, { ...batchOf(['x'], { mpid }), consent_state: consent(consented) })
      await passWindow()
    }
    await passFile()
    const told = (await linesIn(bucket)).map(
      (line) => line.system_notifications as { data: { current: object; old: object | null } }[]
    )
    expect(told.map((one) => one.length)).toEqual([1, 0, 1])
    expect(told[0]![0]).toMatchObject({
      type: 'gdpr_change',
      data: { purpose: 'analytics', old: null },
    })
    expect(told[2]![0]).toMatchObject({
      data: { current: { consented: false, regulation: 'GDPR' }, old: { consented: true } },
    })
  })
})

describe('the directory', () => {
  it('counts profiles and forgets those that were silent for long', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const mpid = newMpid()
    await upload(key, { mpid, user_attributes: { plan: 'pro' } })
    const shard = env.DIRECTORY.getByName(directoryShard(mpid))
    await vi.waitFor(async () => expect(await shard.page('', 1000)).toContain(mpid))
    moveClock(31 * 86_400_000)
    await runAlarms('DIRECTORY')
    expect(await shard.page('', 1000)).not.toContain(mpid)
    expect((await admin(`/profiles/${mpid}`)).status).toBe(404)
  })

  it('keeps a silent profile whose events are not handed on', async () => {
    const seeded = await seed({ sqs: false })
    const mpid = newMpid()
    await upload(seeded.key, batchOf(['waiting'], { mpid }))
    moveClock(31 * 86_400_000)
    await runAlarms('DIRECTORY')
    expect(await profileOf(mpid)).toMatchObject({ open_windows: 1 })
    await runAlarms('PROFILE')
    expect((await status(s3Connection(seeded))).waiting.events).toBe(1)
  })
})
