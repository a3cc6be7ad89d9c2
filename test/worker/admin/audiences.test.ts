import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Directory } from '../../../worker/partitions/directory/directory'
import { directoryShards } from '../../../worker/partitions/directory/shards'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import {
  admin,
  batchOf,
  put,
  runAlarms,
  type Seeded,
  s3Connection,
  seed,
  status,
  upload,
} from '../../support/weir'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const hour = 3_600_000

let count = 0
const newMpid = (): string => `82000000000000${String(++count).padStart(5, '0')}`
const newId = (): string => `a${crypto.randomUUID().slice(0, 8)}`

const send = async (
  { key }: Seeded,
  mpid: string,
  names: string[],
  fields: Record<string, unknown> = {}
) => {
  const events = names.map((event_name) => ({
    event_type: 'custom_event',
    data: { event_name, timestamp_unixtime_ms: Date.now() },
  }))
  const batch = { ...batchOf([], { mpid }), events, ...fields }
  expect((await upload(key, batch)).status).toBe(202)
}

const save = async (path: string, body: unknown): Promise<void> => {
  const answer = await put(path, body)
  expect(answer.ok, await answer.clone().text()).toBe(true)
}

interface AudienceStatus {
  id: string
  size: number
  changes: { at_ms: number; mpid: string; event: string }[]
  walk: { walking: boolean; profiles_done: number; profiles: number }
}

const audience = async (id: string, query = ''): Promise<AudienceStatus> =>
  (await admin(`/audiences/${id}/status${query}`)).json()

const sizeOf = (id: string, size: number) =>
  vi.waitFor(async () => expect((await audience(id)).size).toBe(size))

/** Lets the walk go on until it is done. */
const walkToTheEnd = (id: string) =>
  vi.waitFor(async () => {
    await runAlarms('DIRECTORY')
    expect((await audience(id)).walk.walking).toBe(false)
  }, 10_000)

const saveTold = async (seeded: Seeded, audiences: string[], settings = {}): Promise<string> => {
  const id = `told-${newId()}`
  const place = { queue_url: gate.queueUrl(seeded.queue), aws_region: 'us-east-1' }
  await save(`/connections/${id}`, {
    audiences,
    output: 'queue',
    settings: { ...place, ...settings },
  })
  return id
}

const vip = { attribute: { vip: true } }

// Profiles outlive tests, so each audience of these has an attribute of its own.
const ruleOf = (id: string) => ({ attribute: { [id]: true } })
const inside = (id: string, value = true) => ({ user_attributes: { [id]: value } })

const buyers = { event: { name: 'Purchase' } }

const problemsOf = async (answer: Response) =>
  ((await answer.json()) as { errors: { code: string; path: string; message: string }[] }).errors

describe('the status of an audience', () => {
  it('tells its size and its latest changes, newest first', async () => {
    const seeded = await seed()
    const id = newId()
    await save(`/audiences/${id}`, { rule: ruleOf(id) })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const [a, b] = [newMpid(), newMpid()]
    const start = Date.now()
    await send(seeded, a, [], inside(id))
    vi.setSystemTime(start + 1000)
    await send(seeded, b, [], inside(id))
    vi.setSystemTime(start + 2000)
    await send(seeded, a, [], inside(id, false))
    await vi.waitFor(async () => expect((await audience(id)).changes).toHaveLength(3))
    expect(await audience(id)).toMatchObject({
      id,
      size: 1,
      changes: [
        { at_ms: start + 2000, mpid: a, event: 'exit' },
        { at_ms: start + 1000, mpid: b, event: 'enter' },
        { at_ms: start, mpid: a, event: 'enter' },
      ],
    })
    expect((await audience(id, '?limit=1')).changes).toEqual([
      { at_ms: start + 2000, mpid: a, event: 'exit' },
    ])
  })

  it('lists twenty changes unless asked for others, a hundred at most', async () => {
    await seed()
    const id = newId()
    await save(`/audiences/${id}`, { rule: ruleOf(id) })
    const changed = Array.from({ length: 40 }, (_, i) => ({
      at_ms: i,
      changes: [{ audience: id, slug: id, event: 'enter' as const, enter_ms: i }],
    }))
    for (const shard of directoryShards().slice(0, 3)) {
      await env.DIRECTORY.getByName(shard).note(newMpid(), changed)
    }
    expect((await audience(id)).changes).toHaveLength(20)
    expect((await audience(id, '?limit=1000')).changes).toHaveLength(100)
    for (const strange of ['0', '-3', 'x', '']) {
      expect((await audience(id, `?limit=${strange}`)).changes).toHaveLength(20)
    }
  })

  it('is not there for an audience that is not', async () => {
    await seed()
    expect((await admin('/audiences/nobody/status')).status).toBe(404)
  })
})

describe('saving an audience', () => {
  it('lets all profiles meet it, also those that send nothing', async () => {
    const seeded = await seed()
    const id = newId()
    const [a, b] = [newMpid(), newMpid()]
    await send(seeded, a, [], inside(id))
    await send(seeded, b, [], inside(id, false))
    await save(`/audiences/${id}`, { rule: ruleOf(id) })
    await walkToTheEnd(id)
    await sizeOf(id, 1)
    const { walk } = await audience(id)
    expect(walk.profiles).toBeGreaterThanOrEqual(2)
    expect(walk.profiles_done).toBe(walk.profiles)
    const profile = (await (await admin(`/profiles/${a}`)).json()) as {
      memberships: { audience: string; since_ms: number }[]
    }
    expect(profile.memberships).toEqual([{ audience: id, since_ms: expect.any(Number) }])
  })

  it('begins no walk when nothing that rules are made of has changed', async () => {
    const seeded = await seed()
    const id = newId()
    await save(`/audiences/${id}`, { rule: ruleOf(id) })
    const walk = vi.spyOn(Directory.prototype, 'walk')
    await save(`/audiences/${id}`, { rule: ruleOf(id), name: 'VIPs' })
    await save('/inputs/extra', { key: `extra-${seeded.key}` })
    expect(walk).not.toHaveBeenCalled()
    await save(`/audiences/${id}`, { rule: buyers })
    expect(walk).toHaveBeenCalled()
  })

  it('succeeds when a directory does not answer, and whoever looks begins the walk', async () => {
    const seeded = await seed()
    const id = newId()
    const mpid = newMpid()
    await send(seeded, mpid, [], inside(id))
    const walk = vi.spyOn(Directory.prototype, 'walk').mockImplementation(() => {
      throw new Error('The object was reset.')
    })
    await save(`/audiences/${id}`, { rule: ruleOf(id) })
    expect(walk).toHaveBeenCalled()
    walk.mockRestore()
    await walkToTheEnd(id)
    await sizeOf(id, 1)
  })
})

describe('an audience that is in use', () => {
  it('cannot be deleted while a connection or another audience names it', async () => {
    const seeded = await seed()
    const [id, other] = [newId(), newId()]
    await save(`/audiences/${id}`, { rule: ruleOf(id) })
    await save(`/audiences/${other}`, { rule: { not: { audience: id } } })
    const told = await saveTold(seeded, [id])
    const refused = await admin(`/audiences/${id}`, { method: 'DELETE' })
    expect(refused.status).toBe(409)
    expect(await problemsOf(refused)).toEqual([
      {
        code: 'in_use',
        path: `audiences.${id}`,
        message: `${id} is used by the connections ${told} and the audiences ${other}.`,
      },
    ])
    expect((await admin(`/connections/${told}`, { method: 'DELETE' })).status).toBe(204)
    const again = await admin(`/audiences/${id}`, { method: 'DELETE' })
    expect((await problemsOf(again))[0]?.message).toBe(`${id} is used by the audiences ${other}.`)
    expect((await admin(`/audiences/${other}`, { method: 'DELETE' })).status).toBe(204)
    expect((await admin(`/audiences/${id}`, { method: 'DELETE' })).status).toBe(204)
  })
})

describe('a connection of audiences', () => {
  it('has settings of its own for each kind of output', async () => {
    const { output_kinds } = (await (await admin('/output-kinds')).json()) as {
      output_kinds: { id: string; audience_connection_settings: Record<string, object> }[]
    }
    for (const { audience_connection_settings: rows } of output_kinds) {
      expect(rows).toHaveProperty('existing_users')
      expect(rows).not.toHaveProperty('send_as_batch')
    }
  })

  it.each([true, false])(
    'tells in its status how far existing users are, whether or not it wants them (%s)',
    async (wanted) => {
      const seeded = await seed()
      const id = newId()
      await send(seeded, newMpid(), [], inside(id))
      await save(`/audiences/${id}`, { rule: ruleOf(id) })
      const told = await saveTold(seeded, [id], { existing_users: wanted })
      await walkToTheEnd(id)
      const { existing_users: users } = await status(told)
      expect(users).toMatchObject({ wanted, state: 'done' })
      expect(users?.profiles_done).toBe(users?.profiles)
      const { connections } = (await (await admin('/status')).json()) as {
        connections: { id: string; existing_users?: object }[]
      }
      expect(connections.map((one) => [one.id, one.existing_users])).toEqual([
        [s3Connection(seeded), undefined],
        [expect.any(String), undefined],
        [told, users],
      ])
    }
  )

  it('is walking right after it was saved, for those who look', async () => {
    const seeded = await seed()
    await send(seeded, newMpid(), [])
    const id = newId()
    const step = vi.spyOn(Directory.prototype, 'alarm').mockImplementation(async () => {})
    await save(`/audiences/${id}`, { rule: ruleOf(id) })
    const told = await saveTold(seeded, [id], { existing_users: true })
    expect((await status(told)).existing_users).toMatchObject({
      wanted: true,
      state: 'walking',
      profiles_done: 0,
    })
    step.mockRestore()
    await walkToTheEnd(id)
    expect((await status(told)).existing_users?.state).toBe('done')
  })

  it('cannot be made of one that an input feeds while that one holds data', async () => {
    const seeded = await seed({ sqs: false })
    const id = s3Connection(seeded)
    await save('/audiences/vips', { rule: vip })
    await outboxOf(id).enqueue(handOffOf('waiting'))
    const changed = {
      audiences: ['vips'],
      output: 'lake',
      settings: { bucket_name: seeded.bucket, store_by_date: 'none' },
    }
    const refused = await put(`/connections/${id}`, changed)
    expect(refused.status).toBe(409)
    expect(await problemsOf(refused)).toMatchObject([{ code: 'connection_not_empty' }])
    expect((await put(`/connections/${id}?discard=true`, changed)).status).toBe(200)
    expect((await status(id)).waiting.deliveries).toBe(0)
  })
})

const ask = (body: unknown): Promise<Response> =>
  admin('/audiences/preview', { method: 'POST', body: JSON.stringify(body) })

const preview = async (body: unknown): Promise<Record<string, unknown>> => {
  const answer = await ask(body)
  expect(answer.status, await answer.clone().text()).toBe(200)
  return answer.json()
}

describe('a preview on a profile that is described', () => {
  const now_ms = Date.UTC(2027, 0, 10)
  const purchase = (agoHours: number, total = 10) => ({
    event_type: 'custom_event',
    data: {
      event_name: 'Purchase',
      timestamp_unixtime_ms: now_ms - agoHours * hour,
      custom_attributes: { total },
    },
  })
  const twice = { event: { name: 'Purchase', within: '2d', count: { gte: 2 } } }

  it.each([
    ['an attribute', vip, { attributes: { vip: true } }, true, null],
    ['an attribute that is another', vip, { attributes: { vip: false } }, false, null],
    ['nothing at all', vip, {}, false, null],
    [
      'an identity',
      { attribute: { 'identities.email': { $regex: '@example' } } },
      { identities: { email: 'a@example.org' } },
      true,
      null,
    ],
    [
      'a device and an application',
      { attribute: { 'device.platform': 'Android', 'application.package': 'org.example' } },
      { device: { platform: 'Android' }, application: { package: 'org.example' } },
      true,
      null,
    ],
    [
      'events, and when they leave the window',
      twice,
      { events: [purchase(1), purchase(40)] },
      true,
      now_ms + 8 * hour,
    ],
    ['too few events', twice, { events: [purchase(1), purchase(50)] }, false, null],
    [
      'an event without a time, as of now',
      buyers,
      { events: [{ event_type: 'custom_event', data: { event_name: 'Purchase' } }] },
      true,
      null,
    ],
    [
      'sums of events',
      { event: { name: 'Purchase', sum: { property: 'total', gte: 25 } } },
      { events: [purchase(1, 20), purchase(900, 5)] },
      true,
      null,
    ],
    [
      'a date to come',
      { date: { attribute: 'trial_end', within: 'next 3d' } },
      { attributes: { trial_end: '2027-01-20' } },
      false,
      Date.UTC(2027, 0, 17),
    ],
  ])('judges %s', async (_, rule, profile, member, next_ms) => {
    await seed()
    expect(await preview({ rule, profile, now_ms })).toMatchObject({ member, next_ms })
  })

  it('says why, part by part', async () => {
    await seed()
    const rule = { all: [vip, { not: twice }] }
    const profile = { attributes: { vip: true }, events: [purchase(1), purchase(2)] }
    const next_ms = now_ms + 46 * hour
    expect(await preview({ rule, profile, now_ms })).toEqual({
      member: false,
      why: {
        rule: 'all',
        value: false,
        parts: [
          { rule: 'attribute {"vip":true}', value: true },
          {
            rule: 'not',
            value: false,
            parts: [{ rule: `event ${JSON.stringify(twice.event)}`, value: true, next_ms }],
          },
        ],
      },
      next_ms,
    })
  })

  it('follows a rule to the audiences that it asks for, and their time', async () => {
    await seed()
    await save('/audiences/regulars', { rule: twice })
    await save('/audiences/fans', { rule: { all: [{ audience: 'regulars' }] } })
    const rule = { all: [vip, { audience: 'fans' }] }
    const profile = { attributes: { vip: true }, events: [purchase(1), purchase(2)] }
    expect(await preview({ rule, profile, now_ms })).toMatchObject({
      member: true,
      next_ms: now_ms + 46 * hour,
      why: { parts: [{ value: true }, { rule: 'audience fans', value: true }] },
    })
  })
})

describe('a preview on a profile that there is', () => {
  it('uses what the profile has', async () => {
    const seeded = await seed()
    await save('/audiences/buyers', { rule: { event: { name: 'Purchase', within: '7d' } } })
    const mpid = newMpid()
    await send(seeded, mpid, ['Purchase'], {
      user_attributes: { plan: 'pro' },
      user_identities: { email: 'a@example.org' },
    })
    const rule = {
      all: [
        { attribute: { plan: 'pro', 'identities.email': 'a@example.org' } },
        { event: { name: 'Purchase', within: '2d' } },
        { audience: 'buyers' },
      ],
    }
    const answer = await preview({ rule, mpid })
    expect(answer).toMatchObject({ member: true })
    expect(answer).not.toHaveProperty('unknown_events')
    const later = await preview({ rule, mpid, now_ms: Date.now() + 3 * 24 * hour })
    expect(later).toMatchObject({ member: false })
  })

  it.each([
    ['events that no saved rule asks for', { name: 'login', within: '7d' }],
    ['a longer window than any saved rule has', { name: 'Purchase', within: '30d' }],
    [
      'more events than any saved rule counts',
      { name: 'Purchase', within: '7d', count: { gte: 9 } },
    ],
    ['all time, where saved rules have windows', { name: 'Purchase' }],
  ])('names what it cannot know: %s', async (_, event) => {
    const seeded = await seed()
    await save('/audiences/buyers', { rule: { event: { name: 'Purchase', within: '7d' } } })
    const mpid = newMpid()
    await send(seeded, mpid, ['Purchase', 'login'])
    expect(await preview({ rule: { not: { any: [vip, { event }] } }, mpid })).toMatchObject({
      unknown_events: [`event ${JSON.stringify(event)}`],
    })
  })

  it('names the fields that profiles do not keep for any saved rule', async () => {
    const seeded = await seed()
    await save('/audiences/ios', { rule: { attribute: { 'device.platform': 'iOS' } } })
    const mpid = newMpid()
    await send(seeded, mpid, ['seen'], { device_info: { platform: 'iOS', model: 'X' } })
    const rule = { attribute: { 'device.platform': 'iOS', 'device.model': 'X' } }
    expect(await preview({ rule, mpid })).toMatchObject({
      member: false,
      unknown_fields: ['device.model'],
    })
    const known = { attribute: { 'device.platform': 'iOS' } }
    const answer = await preview({ rule: known, mpid })
    expect(answer.member).toBe(true)
    expect(answer).not.toHaveProperty('unknown_fields')
  })

  it('changes nothing', async () => {
    const seeded = await seed()
    const mpid = newMpid()
    await send(seeded, mpid, [], { user_attributes: { vip: true } })
    const before = await (await admin(`/profiles/${mpid}`)).text()
    await preview({ rule: vip, mpid })
    expect(await (await admin(`/profiles/${mpid}`)).text()).toBe(before)
    expect(await (await admin('/audiences')).json()).toEqual({ audiences: [] })
  })

  it('is not there for a profile that is not', async () => {
    const mpid = newMpid()
    expect((await ask({ rule: vip, mpid })).status).toBe(404)
    expect((await admin(`/profiles/${mpid}`)).status).toBe(404)
  })
})

describe('a preview', () => {
  it.each([
    ['no rule', { mpid: '1' }, 'rule'],
    [
      'a rule that is wrong',
      { rule: { attribute: { a: { $like: 1 } } }, mpid: '1' },
      'rule.attribute.a.$like',
    ],
    ['an audience that is not there', { rule: { audience: 'none' }, mpid: '1' }, 'rule'],
    ['itself', { rule: { audience: '@preview' }, mpid: '1' }, 'rule'],
    ['neither an mpid nor a profile', { rule: vip }, 'mpid'],
    ['both', { rule: vip, mpid: '1', profile: {} }, 'mpid'],
    ['an mpid that is none', { rule: vip, mpid: 'x' }, 'mpid'],
    ['an mpid that lost digits as a number', { rule: vip, mpid: 2 ** 62 }, 'mpid'],
    ['a time that is none', { rule: vip, mpid: '1', now_ms: 'soon' }, 'now_ms'],
    ['a profile that is none', { rule: vip, profile: [] }, 'profile'],
    ['attributes that are none', { rule: vip, profile: { attributes: 5 } }, 'profile.attributes'],
    [
      'events that are none',
      { rule: vip, profile: { events: [{}] } },
      'profile.events.0.event_type',
    ],
    [
      'fields of a profile that it does not know',
      { rule: vip, profile: { name: 'x' } },
      'profile.name',
    ],
    ['fields that it does not know', { rule: vip, mpid: '1', user: 1 }, 'user'],
    ['no object', 5, ''],
  ])('refuses %s', async (_, body, path) => {
    await seed()
    const answer = await ask(body)
    expect(answer.status).toBe(422)
    expect((await problemsOf(answer)).map((one) => one.path)).toEqual([path])
  })
})
