import { afterEach, describe, expect, it, vi } from 'vitest'
import { Profile } from '../../../../worker/partitions/profile'
import example from '../../../fixtures/firehose/AudienceMembershipChangeRequest.json'
import { seedFeed, send } from '../../../support/firehose-feed'
import {
  androidMessage,
  eventOf,
  messageOf,
  subjectRequest,
} from '../../../support/firehose-messages'
import {
  admin,
  expectBalance,
  linesIn,
  moveClock,
  passFile,
  passWindow,
  type Seeded,
  s3Connection,
  status,
} from '../../../support/weir'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

type Line = Record<string, unknown> & {
  mpid: string
  events: { event_type: string; data: Record<string, unknown> }[]
}

const delivered = async (seeded: Seeded): Promise<Line[]> => {
  await passWindow()
  await passFile()
  expectBalance(await status(s3Connection(seeded)))
  return (await linesIn(seeded.bucket)) as Line[]
}

const eventsOfType = (lines: Line[], type: string) =>
  lines.flatMap((one) => one.events.filter(({ event_type }) => event_type === type))

describe('audience changes', () => {
  it('of the SDK’s own example arrive, each as an event of its user’s', async () => {
    const seeded = await seedFeed()
    const [profile] = example.user_profiles
    const mpid = String(Math.floor(Math.random() * 2 ** 50))
    const message = { ...example, id: crypto.randomUUID(), user_profiles: [{ ...profile, mpid }] }
    for (let i = 0; i < 2; i++) {
      const answer = await send(seeded, message)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ type: 'audience_membership_change_response' })
    }
    const lines = await delivered(seeded)
    const changes = eventsOfType(lines, 'audience_membership_change').map(({ data }) => data)
    expect(changes.map((one) => [one.audience_id, one.action])).toEqual([
      [456, 'add'],
      [789, 'attribute_update'],
      [654, 'delete'],
    ])
    expect(lines[0]).toMatchObject({ mpid, account: { account_id: 123456 } })
  })

  it('of many users are stored with each', async () => {
    const seeded = await seedFeed()
    const ids = Array.from({ length: 40 }, () => crypto.randomUUID())
    const user_profiles = ids.map((value) => ({
      user_identities: [{ type: 'customer', encoding: 'raw', value }],
      audiences: [{ audience_id: 7, audience_name: 'Seven', action: 'add' }],
    }))
    const message = messageOf('audience_membership_change_request', { user_profiles })
    expect((await send(seeded, message)).status).toBe(200)
    const lines = await delivered(seeded)
    expect(new Set(lines.map((one) => one.mpid)).size).toBe(ids.length)
    expect(eventsOfType(lines, 'audience_membership_change')).toHaveLength(ids.length)
  })

  it('of which one user’s cannot be stored come again, and the others’ are not told twice', async () => {
    const seeded = await seedFeed()
    const user_profiles = Array.from({ length: 3 }, () => ({
      mpid: String(Math.floor(Math.random() * 2 ** 50) + 1),
      audiences: [{ audience_id: 7, action: 'add' }],
    }))
    const message = messageOf('audience_membership_change_request', { user_profiles })
    const upload = Profile.prototype.upload
    vi.spyOn(Profile.prototype, 'upload').mockImplementation(function (this: Profile, mpid, given) {
      if (mpid === user_profiles[1]?.mpid) throw new Error('no storage')
      return upload.call(this, mpid, given)
    })
    expect((await send(seeded, message)).status).toBe(503)
    vi.restoreAllMocks()
    expect((await send(seeded, message)).status).toBe(200)
    const mpids = (await delivered(seeded)).map((one) => one.mpid)
    expect(mpids.sort()).toEqual(user_profiles.map((one) => one.mpid).sort())
  })
})

const customer = () => `c-${crypto.randomUUID()}`

const known = (value: string, mpid?: string) =>
  androidMessage({
    mpid,
    user_identities: [{ type: 'customer', encoding: 'raw', value }],
    events: [eventOf('session_start')],
  })

const profileOf = async (mpid: string) => (await admin(`/profiles/${mpid}`)).status

describe('a data subject request', () => {
  it('erases the user, and tells the connections', async () => {
    const seeded = await seedFeed()
    const value = customer()
    await send(seeded, known(value))
    const [line] = await delivered(seeded)
    const mpid = line?.mpid ?? ''
    expect(await profileOf(mpid)).toBe(200)
    const message = subjectRequest({ controller_customer_id: value, ios_vendor_id: 'idfv' })
    const answer = await send(seeded, message)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ type: 'dsr_processing_response' })
    expect(await profileOf(mpid)).toBe(404)
    const lines = await delivered(seeded)
    const told = lines.find(({ events }) => events[0]?.event_type === 'dsr_request')
    expect(told).toMatchObject({
      user_identities: [{ identity_type: 'customer_id', identity: value }],
      device_info: { ios_idfv: 'idfv' },
      events: [
        {
          data: {
            subject_request_id: message.subject_request_id,
            subject_request_type: 'erasure',
            submitted_time: '2026-11-20T10:11:12Z',
            regulation: 'gdpr',
            api_version: '3.0',
          },
        },
      ],
    })
    expect(told?.events[0]?.data.mpids).toContain(mpid)
    expect(await profileOf(mpid)).toBe(404)
    expect(await (await admin(`/profiles/${told?.mpid}`)).json()).toMatchObject({ identities: {} })
  })

  it.each<[string, object]>([
    ['unless it says otherwise', {}],
    ['where it says so', { erasures: false }],
  ])('erases nobody for an input %s, and tells the connections', async (_, given) => {
    const token = `a-token-${crypto.randomUUID()}`
    const seeded = { ...(await seedFeed({ input: { firehose: { token, ...given } } })), token }
    const erase = vi.spyOn(Profile.prototype, 'erase')
    const value = customer()
    await send(seeded, known(value))
    const [line] = await delivered(seeded)
    const mpid = line?.mpid ?? ''
    const answer = await send(seeded, subjectRequest({ controller_customer_id: value }))
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ type: 'dsr_processing_response' })
    const [told] = eventsOfType(await delivered(seeded), 'dsr_request')
    expect(told?.data.mpids).toContain(mpid)
    expect(await profileOf(mpid)).toBe(200)
    expect(erase).not.toHaveBeenCalled()
  })

  it('counts as a request', async () => {
    moveClock(60_000 - (Date.now() % 60_000))
    const seeded = await seedFeed({ input: { limits: { requests_per_minute: 1 } } })
    const ask = () => send(seeded, subjectRequest({ controller_customer_id: customer() }))
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429])
  })

  it('finds users whose mpid their platform gave, by their identities', async () => {
    const seeded = await seedFeed()
    const value = customer()
    const mpid = String(Math.floor(Math.random() * 2 ** 50) + 1)
    await send(seeded, known(value, mpid))
    await delivered(seeded)
    await vi.waitFor(async () => {
      await send(seeded, subjectRequest({ controller_customer_id: value }))
      expect(await profileOf(mpid)).toBe(404)
    })
    const requests = eventsOfType(await delivered(seeded), 'dsr_request')
    expect(requests.flatMap(({ data }) => data.mpids)).toContain(mpid)
  })

  it('is told once, however often it comes', async () => {
    const seeded = await seedFeed()
    const message = subjectRequest({ email: `${crypto.randomUUID()}@example.org` })
    for (let i = 0; i < 3; i++) expect((await send(seeded, message)).status).toBe(200)
    expect(eventsOfType(await delivered(seeded), 'dsr_request')).toHaveLength(1)
  })

  it('that cannot be carried out is 503; the next try carries it out', async () => {
    const seeded = await seedFeed()
    const value = customer()
    await send(seeded, known(value))
    const [line] = await delivered(seeded)
    const mpid = line?.mpid ?? ''
    const failing = vi.spyOn(Profile.prototype, 'erase').mockRejectedValue(new Error('no storage'))
    const message = subjectRequest({ controller_customer_id: value })
    expect((await send(seeded, message)).status).toBe(503)
    expect(await profileOf(mpid)).toBe(200)
    failing.mockRestore()
    expect((await send(seeded, message)).status).toBe(200)
    expect(await profileOf(mpid)).toBe(404)
    expect(eventsOfType(await delivered(seeded), 'dsr_request')).toHaveLength(1)
  })

  it('is told without what the rules of its input forbid', async () => {
    const privacy = { drop: ['user_identities.email'], hash: ['user_identities.customer_id'] }
    const seeded = await seedFeed({ input: { privacy } })
    const [email, value] = [`${crypto.randomUUID()}@example.org`, customer()]
    const message = subjectRequest({ email, controller_customer_id: value })
    expect((await send(seeded, message)).status).toBe(200)
    const lines = await delivered(seeded)
    expect(eventsOfType(lines, 'dsr_request')).toHaveLength(1)
    expect(lines[0]?.user_identities).toEqual([
      expect.objectContaining({ identity_type: 'customer_id' }),
    ])
    for (const secret of [email, value]) expect(JSON.stringify(lines)).not.toContain(secret)
  })

  it.each<[unknown, string]>([
    [{}, 'no identity'],
    [{ email: { encoding: 'sha256', value: 'abc' } }, 'a hash only'],
    ['text', 'none that can be read'],
  ])('with %j has %s: nobody is erased, and the connections are told', async (given, _) => {
    const seeded = await seedFeed()
    const message = subjectRequest({}, { subject_identities: given })
    expect((await send(seeded, message)).status).toBe(200)
    expect(eventsOfType(await delivered(seeded), 'dsr_request')).toHaveLength(1)
  })
})
