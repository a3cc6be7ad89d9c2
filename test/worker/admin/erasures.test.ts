import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mpidOfUser } from '../../../worker/dialects/mpid'
import { Outbox } from '../../../worker/outbox/outbox'
import { Profile } from '../../../worker/partitions/profile'
import { gate } from '../../support/gate-client'
import {
  admin,
  batchOf,
  eventNames,
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  put,
  runAlarms,
  type Seeded,
  s3Connection,
  seed,
  sqsConnection,
  status,
  upload,
} from '../../support/weir'

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

interface Erased {
  mpid: string
  profile: boolean
  uploads: number
  deliveries: number
  dead_letters: number
  directory: boolean
}

const post = (body: unknown): Promise<Response> =>
  admin('/erasures', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const erase = async (body: unknown): Promise<Erased[]> => {
  const answer = await post(body)
  expect(answer.status, await answer.clone().text()).toBe(200)
  return ((await answer.json()) as { erased: Erased[] }).erased
}

const nothing = (mpid: string): Erased => ({
  mpid,
  profile: false,
  uploads: 0,
  deliveries: 0,
  dead_letters: 0,
  directory: false,
})

let count = 0
const newMpid = (): string => `81000000000000${String(++count).padStart(5, '0')}`

/** Sends the events of a user; asserts that they were taken. */
const send = async (
  { key }: Seeded,
  mpid: string,
  names: string[],
  fields: Record<string, unknown> = {}
) => expect((await upload(key, batchOf(names, { mpid, ...fields }))).status).toBe(202)

/** Ends all faults, and lets these connections deliver whatever they waited for. */
const mend = async (connections: string[]): Promise<void> => {
  await gate.faults([])
  await passFile()
  for (const id of connections) await admin(`/connections/${id}/retry`, { method: 'POST' })
  await passFile()
}

const profileStatus = async (mpid: string) => (await admin(`/profiles/${mpid}`)).status

const mpidsIn = async (bucket: string) => (await linesIn(bucket)).map((one) => one.mpid)

describe('erasing a user by mpid', () => {
  it('takes the profile, what waits in it and in every outbox, and leaves other users alone', async () => {
    const seeded = await seed()
    const [mpid, other] = [newMpid(), newMpid()]
    await gate.faults([
      { match: { bucket: seeded.bucket }, fault: 'slow_down' },
      { match: { queue: seeded.queue }, fault: 'slow_down' },
    ])
    await send(seeded, mpid, ['handed on'])
    await send(seeded, other, ['of another'])
    await passWindow()
    await passFile()
    await send(seeded, mpid, ['waiting'])
    await send(seeded, mpid, ['waiting, too'])
    expect(await erase({ mpid })).toEqual([
      { mpid, profile: true, uploads: 2, deliveries: 2, dead_letters: 0, directory: true },
    ])
    expect(await profileStatus(mpid)).toBe(404)
    expect(await profileStatus(other)).toBe(200)
    await passWindow()
    await mend([s3Connection(seeded), sqsConnection(seeded)])
    expect(await mpidsIn(seeded.bucket)).toEqual([other])
    expect((await gate.messages(seeded.queue)).map((one) => JSON.parse(one.body).mpid)).toEqual([
      other,
    ])
    for (const connection of [s3Connection(seeded), sqsConnection(seeded)]) {
      const now = await status(connection)
      expect(now.ledger).toMatchObject({ delivered: 1, filtered: { erasure: 1 }, waiting: 0 })
      expectBalance(now)
    }
  })

  it('does nothing a second time, nor to a user who never was', async () => {
    const seeded = await seed({ sqs: false })
    const mpid = newMpid()
    await send(seeded, mpid, ['once'])
    await erase({ mpid })
    expect(await erase({ mpid })).toEqual([nothing(mpid)])
    const stranger = newMpid()
    expect(await erase({ mpid: stranger })).toEqual([nothing(stranger)])
    expect(await profileStatus(stranger)).toBe(404)
  })

  it('leaves no row and no alarm in the profile', async () => {
    const seeded = await seed({ sqs: false })
    const mpid = newMpid()
    await send(seeded, mpid, ['waiting'], { user_identities: { email: 'ada@example.org' } })
    await erase({ mpid })
    const left = await runInDurableObject(env.PROFILE.getByName(mpid), async (_, { storage }) => ({
      tables: storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
      alarm: await storage.getAlarm(),
    }))
    expect(left).toEqual({ tables: [], alarm: null })
  })

  it('takes dead letters of each kind, and counts them as filtered', async () => {
    const seeded = await seed({ s3: { retention_hours: 1 }, sqs: { retention_hours: 1 } })
    const mpid = newMpid()
    await gate.faults([
      { match: { bucket: seeded.bucket }, fault: 'slow_down' },
      { match: { queue: seeded.queue }, fault: 'slow_down' },
    ])
    await send(seeded, mpid, ['a', 'b'])
    await passWindow()
    await passFile()
    vi.setSystemTime(Date.now() + 2 * 3_600_000)
    await runAlarms('OUTBOX')
    const connections = [s3Connection(seeded), sqsConnection(seeded)]
    for (const one of connections) expect((await status(one)).ledger.dead).toBe(2)
    expect(await erase({ mpid })).toMatchObject([{ deliveries: 0, dead_letters: 2 }])
    for (const one of connections) {
      const now = await status(one)
      expect(now.ledger).toMatchObject({ dead: 0, filtered: { erasure: 2 } })
      expectBalance(now)
    }
  })

  it('lets the user come back as somebody new, whose uploads are no repeats', async () => {
    const seeded = await seed({ sqs: false })
    const mpid = newMpid()
    const batch = { source_request_id: crypto.randomUUID(), user_attributes: { level: 1 } }
    await send(seeded, mpid, ['before'], batch)
    await erase({ mpid })
    await send(seeded, mpid, ['after'], { source_request_id: batch.source_request_id })
    const profile = (await (await admin(`/profiles/${mpid}`)).json()) as { attributes: object }
    expect(profile.attributes).toEqual({})
    await passWindow()
    await passFile()
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(['after'])
    expectBalance(await status(s3Connection(seeded)))
  })

  it('takes messages and lines of audiences, and the memberships', async () => {
    const seeded = await seed()
    const [mpid, other] = [newMpid(), newMpid()]
    const settings = { bucket_name: seeded.bucket, store_by_date: 'none', file_seconds: 5 }
    const told = { queue_url: gate.queueUrl(seeded.queue), aws_region: 'us-east-1' }
    const audience = `vips-${mpid}`
    await put(`/audiences/${audience}`, { rule: { attribute: { vip: true } } })
    const rows = [
      { id: `lines-${mpid}`, output: 'lake', settings },
      { id: `told-${mpid}`, output: 'queue', settings: told },
    ]
    for (const { id, ...one } of rows) {
      const saved = await put(`/connections/${id}`, { ...one, audiences: [audience] })
      expect(saved.status, await saved.clone().text()).toBe(201)
    }
    await gate.faults([
      { match: { bucket: seeded.bucket }, fault: 'slow_down' },
      { match: { queue: seeded.queue }, fault: 'slow_down' },
    ])
    const size = async () =>
      ((await (await admin(`/audiences/${audience}/status`)).json()) as { size: number }).size
    for (const one of [mpid, other]) {
      await send(seeded, one, [], { events: [], user_attributes: { vip: true } })
    }
    await vi.waitFor(async () => {
      expect(await size()).toBe(2)
      // Each connection is told by itself.
      for (const { id } of rows) expect((await status(id)).ledger.accepted).toBe(2)
    })
    expect(await erase({ mpid })).toMatchObject([{ profile: true, deliveries: 2, directory: true }])
    expect(await size()).toBe(1)
    await mend(rows.map(({ id }) => id))
    for (const { id } of rows) {
      // The alarm may have gone off by itself, and be at work still.
      await vi.waitFor(async () =>
        expect((await status(id)).ledger).toMatchObject({
          accepted: 2,
          delivered: 1,
          filtered: { erasure: 1 },
        })
      )
      expectBalance(await status(id))
    }
  })
})

describe('erasing a user by identities', () => {
  const derived = async (user: object) =>
    String(await mpidOfUser({ ...user }, () => 'test-identity-key'))

  it('finds the profiles of each identity and of the device', async () => {
    const seeded = await seed({ sqs: false })
    const tag = crypto.randomUUID()
    const anonymous = { mp_deviceid: `device-${tag}` }
    const known = { ...anonymous, user_identities: { email: `${tag}@example.org` } }
    const signedIn = {
      ...anonymous,
      user_identities: { ...known.user_identities, customer_id: tag },
    }
    for (const user of [anonymous, known, signedIn]) {
      const batch = { ...batchOf(['seen']), ...user, mpid: undefined }
      expect((await upload(seeded.key, batch)).status).toBe(202)
    }
    const erased = await erase(signedIn)
    expect(erased.map((one) => one.mpid).sort()).toEqual(
      [await derived(anonymous), await derived(known), await derived(signedIn)].sort()
    )
    expect(erased.every((one) => one.profile && one.uploads === 1 && one.directory)).toBe(true)
  })

  it('reads numbers as they were written, however long', async () => {
    const identity = '12345678901234567890'
    const mpid = '7346244611012968789'
    expect(await erase(`{"mpid":${mpid},"user_identities":{"customerid":${identity}}}`)).toEqual([
      nothing(mpid),
      nothing(await derived({ user_identities: { customer_id: identity } })),
    ])
  })

  it.each([
    ['nothing', {}, ''],
    ['no object', [], ''],
    ['an mpid that is none', { mpid: 'x' }, 'mpid'],
    ['the mpid of nobody', { mpid: '0' }, 'mpid'],
    ['identities of no type', { user_identities: { shoe: '1' } }, 'user_identities.shoe'],
    ['an empty identity', { user_identities: { email: '' } }, 'user_identities.email'],
    ['no identities', { user_identities: {} }, ''],
    ['a device that is no text', { mp_deviceid: 5 }, 'mp_deviceid'],
    ['a regulation that it does not know', { mpid: '1', regulation: 'dsgvo' }, 'regulation'],
    ['fields it does not know', { mpid: '1', email: 'a@example.org' }, 'email'],
  ])('refuses %s', async (_, body, path) => {
    const answer = await post(body)
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ errors: [{ path }] })
  })
})

describe('an erasure amid other things', () => {
  it('waits for a hand-on under way, and nothing comes of it afterwards', async () => {
    const seeded = await seed({ sqs: false, s3: { send_as_batch: false } })
    const mpid = newMpid()
    const held = { is: true, calls: 0 }
    const real = Outbox.prototype.enqueue
    vi.spyOn(Outbox.prototype, 'enqueue').mockImplementation(async function (
      this: Outbox,
      ...args
    ) {
      held.calls += 1
      while (held.is) await scheduler.wait(1)
      return real.apply(this, args)
    })
    const erasing = vi.spyOn(Profile.prototype, 'erase')
    await send(seeded, mpid, ['under way'])
    await vi.waitFor(() => expect(held.calls).toBe(1))
    await send(seeded, mpid, ['came in meanwhile'])
    const answer = erase({ mpid })
    await vi.waitFor(() => expect(erasing).toHaveBeenCalled())
    held.is = false
    const [one] = await answer
    expect(one).toMatchObject({ profile: true, uploads: 1, deliveries: 1 })
    await runAlarms('PROFILE')
    await passFile()
    expect(held.calls).toBe(1)
    expect(await mpidsIn(seeded.bucket)).toEqual([])
    expect(await erase({ mpid })).toEqual([nothing(mpid)])
    const now = await status(s3Connection(seeded))
    expect(now.ledger).toMatchObject({ accepted: 1, filtered: { erasure: 1 } })
    expectBalance(now)
  })

  it('that failed in the middle is finished by the next', async () => {
    const seeded = await seed()
    const mpid = newMpid()
    await gate.faults([
      { match: { bucket: seeded.bucket }, fault: 'slow_down' },
      { match: { queue: seeded.queue }, fault: 'slow_down' },
    ])
    await send(seeded, mpid, ['handed on'])
    await passWindow()
    await passFile()
    const broken = vi.spyOn(Outbox.prototype, 'erase').mockImplementationOnce(() => {
      throw new Error('The object was reset.')
    })
    expect((await post({ mpid })).status).toBe(500)
    expect(broken).toHaveBeenCalled()
    const [one] = await erase({ mpid })
    expect(one).toMatchObject({ profile: false, deliveries: 1, directory: true })
    for (const connection of [s3Connection(seeded), sqsConnection(seeded)]) {
      const now = await status(connection)
      expect(now.ledger).toMatchObject({ filtered: { erasure: 1 }, waiting: 0 })
      expectBalance(now)
    }
  })
})
