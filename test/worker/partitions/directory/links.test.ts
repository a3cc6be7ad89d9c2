import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Directory } from '../../../../worker/partitions/directory/directory'
import { linkedMpids } from '../../../../worker/partitions/directory/link-shards'
import { Links } from '../../../../worker/partitions/directory/links'
import { linkShard } from '../../../../worker/partitions/directory/shards'
import { linkOf } from '../../../../worker/partitions/links'
import { gate } from '../../../support/gate-client'
import {
  admin,
  batchOf,
  moveClock,
  passWindow,
  runAlarms,
  seed,
  upload,
} from '../../../support/weir'

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

let count = 0
const newMpid = (): string => `82000000000000${String(++count).padStart(5, '0')}`
const newEmail = (): string => `${crypto.randomUUID()}@example.org`

const hashOf = (email: string): string =>
  linkOf({ type: 'email', identity: email }, 'test-identity-key').hash

/** The mpids that an address leads to. */
const linked = (email: string): Promise<string[]> => linkedMpids(env, [hashOf(email)], 100)

const open = async () => {
  const { key } = await seed({ sqs: false, s3: false })
  return async (mpid: string, email: string, fields: object = {}): Promise<void> => {
    const sent = await upload(key, { mpid, user_identities: { email }, ...fields })
    expect(sent.status).toBe(202)
  }
}

const leadsTo = (email: string, mpids: string[]): Promise<void> =>
  vi.waitFor(async () => expect(await linked(email)).toEqual(mpids))

describe('links', () => {
  it('cost a row each when they come and when they go, and none in between', () =>
    runInDurableObject(env.DIRECTORY.getByName('a shard of its own'), (_, { storage }) => {
      let rows = 0
      const sql = {
        exec: (query: string, ...bindings: unknown[]) => {
          const cursor = storage.sql.exec(query, ...bindings)
          rows += cursor.rowsWritten
          return cursor
        },
      }
      const links = new Links(sql as unknown as SqlStorage)
      rows = 0
      const written = (change: () => void): number => {
        rows = 0
        change()
        return rows
      }
      expect(written(() => links.add(['a', 'b'], '1'))).toBe(2)
      expect(written(() => links.add(['a', 'b'], '1'))).toBe(0)
      expect(written(() => links.add(['a'], '2'))).toBe(1)
      expect(links.find(['a', 'b', 'c'], 9)).toEqual(['1', '2', '1'])
      expect(links.find(['a'], 1)).toEqual(['1'])
      expect(written(() => links.remove(['a', 'b', 'c'], '1'))).toBe(2)
      expect(links.find(['a', 'b'], 9)).toEqual(['2'])
    }))

  it('lie in the shard of the identity, as nothing but its hash', async () => {
    const send = await open()
    const [mpid, email] = [newMpid(), newEmail()]
    await send(mpid, email)
    await leadsTo(email, [mpid])
    const shard = env.DIRECTORY.getByName(linkShard(hashOf(email)))
    const rows = await runInDurableObject(shard, (_, { storage }) =>
      storage.sql.exec('SELECT * FROM links WHERE mpid = ?', mpid).toArray()
    )
    expect(rows).toEqual([{ hash: hashOf(email), mpid }])
  })

  it('are asked for once, however often the user says the same, and shown to nobody', async () => {
    const send = await open()
    const telling = vi.spyOn(Directory.prototype, 'link')
    const [mpid, email] = [newMpid(), newEmail()]
    await send(mpid, email)
    await leadsTo(email, [mpid])
    for (const plan of ['free', 'pro']) await send(mpid, email, { user_attributes: { plan } })
    await send(mpid, email)
    expect(telling).toHaveBeenCalledTimes(1)
    const profile = await (await admin(`/profiles/${mpid}`)).json()
    expect(profile).toMatchObject({ attributes: { plan: 'pro' } })
    expect(JSON.stringify(profile)).not.toContain(hashOf(email))
  })

  it('are not made for a user whose mpid derives from the identity', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const telling = vi.spyOn(Directory.prototype, 'link')
    const adding = vi.spyOn(Directory.prototype, 'add')
    const email = newEmail()
    await upload(key, { user_identities: { email }, mp_deviceid: 'd' })
    const { mpid } = linkOf({ type: 'email', identity: email }, 'test-identity-key')
    await vi.waitFor(() => expect(adding).toHaveBeenCalledWith(mpid))
    expect(telling).not.toHaveBeenCalled()
  })

  it('do not hold up an upload, and the next one tries again when the directory failed', async () => {
    const send = await open()
    const telling = vi.spyOn(Directory.prototype, 'link').mockImplementationOnce(() => {
      throw new Error('The object was reset.')
    })
    const [mpid, email] = [newMpid(), newEmail()]
    await send(mpid, email)
    await vi.waitFor(() => expect(telling).toHaveBeenCalledTimes(1))
    expect(await linked(email)).toEqual([])
    await send(mpid, email)
    await leadsTo(email, [mpid])
  })

  it('are made by the alarm when no other upload comes', async () => {
    const { key } = await seed({ sqs: false })
    const telling = vi.spyOn(Directory.prototype, 'link').mockImplementationOnce(() => {
      throw new Error('The object was reset.')
    })
    const [mpid, email] = [newMpid(), newEmail()]
    await upload(key, batchOf(['one'], { mpid, user_identities: { email } }))
    await vi.waitFor(() => expect(telling).toHaveBeenCalledTimes(1))
    await passWindow()
    await leadsTo(email, [mpid])
  })

  it('of an identity that comes while others are told are told as well', async () => {
    const send = await open()
    const held = { is: true }
    const real = Directory.prototype.link
    const telling = vi.spyOn(Directory.prototype, 'link').mockImplementation(async function (
      this: Directory,
      ...args: [string[], string]
    ) {
      while (held.is) await scheduler.wait(1)
      real.apply(this, args)
    })
    const [mpid, first, second] = [newMpid(), newEmail(), newEmail()]
    await send(mpid, first)
    await vi.waitFor(() => expect(telling).toHaveBeenCalledTimes(1))
    await send(mpid, second)
    held.is = false
    await leadsTo(first, [mpid])
    await leadsTo(second, [mpid])
  })
})

describe('a profile that goes', () => {
  it('takes its links along, and leaves those of others', async () => {
    const send = await open()
    const [mpid, other, email, earlier] = [newMpid(), newMpid(), newEmail(), newEmail()]
    await send(mpid, earlier)
    await send(mpid, email)
    await leadsTo(email, [mpid])
    moveClock(20 * 86_400_000)
    await send(other, email)
    await leadsTo(email, [mpid, other])
    moveClock(11 * 86_400_000)
    await runAlarms('DIRECTORY')
    expect((await admin(`/profiles/${mpid}`)).status).toBe(404)
    expect(await linked(email)).toEqual([other])
    expect(await linked(earlier)).toEqual([])
  })

  it('stays when its links cannot be taken, and goes the next day', async () => {
    const send = await open()
    const [mpid, email] = [newMpid(), newEmail()]
    await send(mpid, email)
    await leadsTo(email, [mpid])
    moveClock(31 * 86_400_000)
    const taking = vi.spyOn(Directory.prototype, 'unlink').mockImplementation(() => {
      throw new Error('The object was reset.')
    })
    await runAlarms('DIRECTORY')
    expect((await admin(`/profiles/${mpid}`)).status).toBe(200)
    taking.mockRestore()
    moveClock(2 * 86_400_000)
    await runAlarms('DIRECTORY')
    expect((await admin(`/profiles/${mpid}`)).status).toBe(404)
    expect(await linked(email)).toEqual([])
  })

  it.each([
    ['were', true],
    ['are being', false],
  ])('keeps its links when the user comes back as they %s taken', async (_, isTaken) => {
    const send = await open()
    const [mpid, email] = [newMpid(), newEmail()]
    await send(mpid, email)
    await leadsTo(email, [mpid])
    moveClock(31 * 86_400_000)
    const held = { is: true }
    const real = Directory.prototype.unlink
    const taking = vi.spyOn(Directory.prototype, 'unlink').mockImplementation(async function (
      this: Directory,
      ...args: [string[], string]
    ) {
      if (isTaken) real.apply(this, args)
      while (held.is) await scheduler.wait(1)
      if (!isTaken) real.apply(this, args)
    })
    const sweep = runAlarms('DIRECTORY')
    await vi.waitFor(() => expect(taking).toHaveBeenCalled())
    const linking = vi.spyOn(Directory.prototype, 'link')
    await send(mpid, email, { user_attributes: { back: true } })
    await vi.waitFor(() => expect(linking).toHaveBeenCalled())
    held.is = false
    await sweep
    await leadsTo(email, [mpid])
    expect(await (await admin(`/profiles/${mpid}`)).json()).toMatchObject({
      attributes: { back: true },
    })
  })
})
