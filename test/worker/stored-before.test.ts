import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { directoryShard } from '../../worker/partitions/directory/shards'
import { basic } from '../support/events-api'
import { gate } from '../support/gate-client'
import { handOffOf } from '../support/hand-off'
import { putStored, storedBefore } from '../support/stored'
import {
  admin,
  batchOf,
  eventNames,
  linesIn,
  passFile,
  passWindow,
  put,
  request,
  status,
} from '../support/weir'

const mpid = '7000000000001000004'
const lane = 'shop-lake/0'
const workspace = () => env.WORKSPACE.getByName('workspace')
const outbox = () => env.OUTBOX.getByName(lane)
const profile = () => env.PROFILE.getByName(mpid)
const shard = () => env.DIRECTORY.getByName(directoryShard(mpid))
const rate = () => env.RATE_LIMIT.getByName('shop')

beforeAll(async () => {
  await gate.makeBucket('lake-bucket')
  await putStored(workspace() as unknown as DurableObjectStub, storedBefore('workspace'))
})

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
})

const json = async (path: string) => (await (await admin(path)).json()) as Record<string, unknown>

const namesIn = async (): Promise<unknown[]> => eventNames(await linesIn('lake-bucket'))

describe('a workspace that was stored before', () => {
  it('is in force, with its secrets and its history', async () => {
    expect(await json('/workspace')).toMatchObject({
      version: 2,
      workspace: { inputs: [{ id: 'shop', name: 'Shop 2', secret: '********' }] },
    })
    const { versions } = await json('/versions')
    expect(versions).toMatchObject([
      { version: 2, by: '', note: '', changes: 1 },
      { version: 1, by: '', note: '', changes: expect.any(Number) },
    ])
    expect(await json('/rejected')).toMatchObject({ count: 1, rejected: [{ payload: 'garbage' }] })
    const answer = await request('/v2/events', {
      method: 'POST',
      headers: { authorization: basic('shop-key', 'an-input-secret') },
      body: JSON.stringify({ ...batchOf(['a']), mpid: '1', environment: 'production' }),
    })
    expect(answer.status).toBe(202)
  })

  it('goes on from there', async () => {
    expect((await put('/inputs/app?note=new', { key: 'app-key' })).status).toBe(201)
    const restored = await admin('/versions/1/restore', { method: 'POST' })
    expect(await restored.json()).toMatchObject({ version: 4 })
    expect((await json('/versions')).versions).toMatchObject([
      { version: 4, by: 'admin', note: 'restored version 1' },
      { version: 3, by: 'admin', note: 'new' },
      { version: 2, by: '' },
      { version: 1, by: '' },
    ])
  })

  it('can be written by the release before, too, should that come back', async () => {
    await runInDurableObject(workspace(), (_, { storage }) => {
      const { version, file } = storage.sql
        .exec<{ version: number; file: string }>(
          'SELECT version, file FROM versions ORDER BY version DESC LIMIT 1'
        )
        .one()
      const insert = 'INSERT INTO versions (version, at_ms, file) VALUES (?, ?, ?)'
      storage.sql.exec(insert, version + 1, Date.now(), file)
    })
    expect((await json('/versions?limit=1')).versions).toMatchObject([{ by: '', changes: 0 }])
  })
})

describe('an outbox that was stored before', () => {
  beforeEach(async () => {
    await putStored(outbox() as unknown as DurableObjectStub, storedBefore('outbox'))
  })

  it('knows what it has taken, keeps its dead letters and delivers what waited', async () => {
    expect(await status('shop-lake')).toMatchObject({
      waiting: { deliveries: 1, events: 1 },
      dead_letters: { letters: 1 },
      ledger: { accepted: 3, delivered: 1, dead: 1, waiting: 1 },
    })
    for (const id of ['mpid-1', 'mpid-3', 'mpid-4']) {
      const since_ms = Date.now() - 60_000
      await outbox().enqueue(lane, handOffOf('a repeat', { id, since_ms }))
    }
    await outbox().enqueue(lane, handOffOf('a new one', { id: 'new' }))
    await outbox().replay([1])
    await passFile()
    expect((await namesIn()).sort()).toEqual(['a new one', 'dead', 'waiting'])
    expect((await status('shop-lake')).ledger).toMatchObject({ accepted: 4, delivered: 4 })
  })
})

describe('a profile that was stored before', () => {
  it('is known, and hands on what it gathered', async () => {
    await putStored(profile() as unknown as DurableObjectStub, storedBefore('profile'))
    expect(await json(`/profiles/${mpid}`)).toMatchObject({
      mpid,
      attributes: { Vip: 'yes' },
    })
    const repeat = { ...batchOf(['a repeat']), source_request_id: 'r-1', mp_deviceid: 'd-1' }
    const more = { ...batchOf(['one more']), mp_deviceid: 'd-1' }
    for (const batch of [repeat, more]) {
      const sent = await request('/webevents/v3/JS/shop-key/events', {
        method: 'POST',
        body: JSON.stringify(batch),
      })
      expect(sent.status).toBe(202)
    }
    await passWindow()
    await passFile()
    const names = await namesIn()
    expect(names).toEqual(expect.arrayContaining(['stored before', 'one more']))
    expect(names).not.toContain('a repeat')
  })

  it('takes no more rows than its table and itself when it is new', async () => {
    const fresh = env.PROFILE.getByName('7000000000001000005')
    const sent = await request('/webevents/v3/JS/shop-key/events', {
      method: 'POST',
      body: JSON.stringify(batchOf(['first'], { mpid: '7000000000001000005' })),
    })
    expect(sent.status).toBe(202)
    const tables = await runInDurableObject(fresh, (_, { storage }) =>
      storage.sql
        .exec(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'"
        )
        .toArray()
    )
    expect(tables).toEqual([{ name: 'profile' }])
  })
})

describe('a shard of the directory that was stored before', () => {
  it('knows its profiles and members, and takes links', async () => {
    await putStored(shard() as unknown as DurableObjectStub, storedBefore('directory'))
    expect(await shard().count()).toBe(1)
    expect(await shard().page('', 9)).toEqual([mpid])
    expect(await shard().audience('vips', 9)).toMatchObject({
      size: 1,
      changes: [{ mpid, event: 'enter' }, { mpid }],
    })
    await shard().link(['a'], mpid)
    expect(await shard().linked(['a'], 9)).toEqual([mpid])
    expect(await shard().remove(mpid)).toBe(true)
    expect(await shard().audience('vips', 9)).toEqual({ size: 0, changes: [] })
  })
})

describe('a rate that was stored before', () => {
  it('still counts', async () => {
    await putStored(rate() as unknown as DurableObjectStub, storedBefore('rate_limit'))
    const asked = { per_second: 1, ahead: 0 }
    expect(await rate().ask('i', { ...asked, batches: 98 })).toMatchObject({ granted: 0 })
    expect(await rate().ask('i', { ...asked, batches: 97 })).toMatchObject({ granted: 97 })
  })
})
