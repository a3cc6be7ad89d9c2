import { runInDurableObject } from 'cloudflare:test'
import { type DurableObject, env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Erased } from '../../../worker/erasures/erase'
import { Outbox } from '../../../worker/outbox/outbox'
import { Directory } from '../../../worker/partitions/directory/directory'
import { linkedMpids } from '../../../worker/partitions/directory/link-shards'
import { linkOf } from '../../../worker/partitions/links'
import { Profile } from '../../../worker/partitions/profile'
import { admin, batchOf, type Seeded, seed, upload } from '../../support/weir'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

let count = 0
const newMpid = (): string => `84000000000000${String(++count).padStart(5, '0')}`

const post = (body: object): Promise<Response> =>
  admin('/erasures', { method: 'POST', body: JSON.stringify(body) })

const erase = async (body: object): Promise<Erased[]> => {
  const answer = await post(body)
  expect(answer.status, await answer.clone().text()).toBe(200)
  return ((await answer.json()) as { erased: Erased[] }).erased
}

const send = async ({ key }: Seeded, mpid: string, names: string[], fields: object) =>
  expect((await upload(key, batchOf(names, { mpid, ...fields }))).status).toBe(202)

const profileStatus = async (mpid: string) => (await admin(`/profiles/${mpid}`)).status

/** Lets a method of an object fail once, as it is asked of one user or of all. */
const failOnce = (
  object: { prototype: object },
  method: string,
  isOf: (object: DurableObject, args: unknown[]) => boolean
): void => {
  let hasFailed = false
  const methods = object.prototype as Record<string, (...args: unknown[]) => unknown>
  const real = methods[method]!
  vi.spyOn(methods, method).mockImplementation(function (this: unknown, ...args) {
    if (hasFailed || !isOf(this as DurableObject, args)) return real.apply(this, args)
    hasFailed = true
    throw new Error('The object was reset.')
  })
}

const named = (object: DurableObject, mpid: string): boolean =>
  (object as unknown as { ctx: DurableObjectState }).ctx.id.name === mpid

const newEmail = (): string => `${crypto.randomUUID()}@example.org`
const linkTo = (email: string) => linkOf({ type: 'email', identity: email }, 'test-identity-key')
const linked = (email: string) => linkedMpids(env, [linkTo(email).hash], 100)
const leadsTo = (email: string, mpids: string[]) =>
  vi.waitFor(async () => expect((await linked(email)).sort()).toEqual([...mpids].sort()))
const known = (erased: Erased[]) => erased.flatMap((one) => (one.profile ? one.mpid : [])).sort()

describe('erasing a user whose mpid does not derive from the identity', () => {
  it('finds the profiles under given mpids, and nobody else', async () => {
    const seeded = await seed({ sqs: false })
    const [one, two, other, email] = [newMpid(), newMpid(), newMpid(), newEmail()]
    for (const mpid of [one, two]) await send(seeded, mpid, ['a'], { user_identities: { email } })
    await send(seeded, other, ['a'], { user_identities: { email: newEmail() } })
    await leadsTo(email, [one, two])
    const answer = await post({ user_identities: { email } })
    const { erased, ...rest } = (await answer.json()) as { erased: Erased[] }
    expect(rest).toEqual({ requests: [], skipped: [], more: false })
    expect(known(erased)).toEqual([one, two].sort())
    expect(erased.filter((found) => found.profile)).toMatchObject(
      [1, 2].map(() => ({ uploads: 1, directory: true }))
    )
    expect(await linked(email)).toEqual([])
    expect(await profileStatus(other)).toBe(200)
  })

  it('finds it by an identity that the user had before, and by a lesser one', async () => {
    const seeded = await seed({ sqs: false })
    const [mpid, before, after] = [newMpid(), newEmail(), newEmail()]
    for (const email of [before, after]) {
      await send(seeded, mpid, ['a'], { user_identities: { email, google: `g ${email}` } })
    }
    await leadsTo(before, [mpid])
    await leadsTo(after, [mpid])
    expect(known(await erase({ user_identities: { email: before } }))).toEqual([mpid])
    expect(await linked(after)).toEqual([])
    const customer_id = crypto.randomUUID()
    const batch = { ...batchOf(['a']), user_identities: { customer_id, email: after } }
    await upload(seeded.key, { ...batch, mpid: undefined })
    const derived = linkOf({ type: 'customer_id', identity: customer_id }, 'test-identity-key').mpid
    await leadsTo(after, [derived])
    expect(known(await erase({ user_identities: { email: after } }))).toEqual([derived])
  })

  it('says when there are more than it erases at once', async () => {
    const seeded = await seed({ sqs: false, s3: false })
    const email = newEmail()
    const mpids = Array.from({ length: 53 }, newMpid)
    await Promise.all(mpids.map((mpid) => upload(seeded.key, { mpid, user_identities: { email } })))
    await leadsTo(email, mpids)
    const ask = async () =>
      (await (await post({ user_identities: { email } })).json()) as {
        erased: Erased[]
        more: boolean
      }
    const [first, second] = [await ask(), await ask()]
    expect([first.more, second.more]).toEqual([true, false])
    expect([known(first.erased).length, known(second.erased).length]).toEqual([50, 3])
    expect(await linked(email)).toEqual([])
  })

  it.each<[string, (mpid: string) => void]>([
    ['the profile', (mpid) => failOnce(Profile, 'erase', (one) => named(one, mpid))],
    ['an outbox', () => failOnce(Outbox, 'erase', () => true)],
    ['the profile at the end', (mpid) => failOnce(Profile, 'forget', (one) => named(one, mpid))],
    ['the directory', (mpid) => failOnce(Directory, 'remove', (_, [one]) => one === mpid)],
    ['the first links', (mpid) => failOnce(Directory, 'unlink', (_, [, one]) => one === mpid)],
    [
      'the last link',
      (mpid) => {
        let calls = 0
        failOnce(Directory, 'unlink', (_, [, one]) => one === mpid && ++calls === 2)
      },
    ],
  ])('is finished by the next when %s failed', async (_, fail) => {
    const seeded = await seed({ sqs: false })
    const [mpid, asked, other] = [newMpid(), newEmail(), newEmail()]
    await send(seeded, mpid, ['a'], { user_identities: { email: other } })
    await send(seeded, mpid, ['a'], { user_identities: { email: asked } })
    await leadsTo(asked, [mpid])
    await leadsTo(other, [mpid])
    fail(mpid)
    expect((await post({ user_identities: { email: asked } })).status).toBe(500)
    expect((await erase({ user_identities: { email: asked } })).map((one) => one.mpid)).toContain(
      mpid
    )
    expect([await linked(asked), await linked(other)]).toEqual([[], []])
    expect(await erase({ mpid })).toMatchObject([
      { mpid, profile: false, uploads: 0, deliveries: 0, directory: false },
    ])
    const left = await runInDurableObject(env.PROFILE.getByName(mpid), (_, { storage }) =>
      storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name IN ('profile', 'remains')")
        .toArray()
    )
    expect(left).toEqual([])
  })

  it('keeps the links of one who came back at that moment', async () => {
    const seeded = await seed({ sqs: false })
    const [mpid, email] = [newMpid(), newEmail()]
    await send(seeded, mpid, ['before'], { user_identities: { email } })
    await leadsTo(email, [mpid])
    const held = { is: true }
    const real = Outbox.prototype.erase
    const erasing = vi.spyOn(Outbox.prototype, 'erase').mockImplementation(async function (
      this: Outbox,
      ...args
    ) {
      while (held.is) await scheduler.wait(1)
      return real.apply(this, args)
    })
    const answer = erase({ user_identities: { email } })
    await vi.waitFor(() => expect(erasing).toHaveBeenCalled())
    await send(seeded, mpid, ['after'], { user_identities: { email } })
    held.is = false
    expect(known(await answer)).toEqual([mpid])
    await leadsTo(email, [mpid])
    expect(await profileStatus(mpid)).toBe(200)
  })
})
