import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { contextOf, mobileEvent, mobileInput } from '../../../support/mobile-event'
import { putEvents } from '../../../support/put-events'
import {
  admin,
  batchOf,
  eventNames,
  linesIn,
  passFile,
  passWindow,
  request,
  type Seeded,
  seed,
  upload,
} from '../../../support/weir'

afterEach(() => {
  vi.useRealTimers()
})

const seedWith = (privacy: object, input: object = {}) =>
  seed({ sqs: false, input: { ...input, privacy } })

const gdpr = (otherwise = 'drop') => ({
  consent: { regulation: 'gdpr', purpose: 'Analytics', otherwise },
})
const ccpa = { consent: { regulation: 'ccpa' } }
const said = (consented: boolean) => ({ consent_state: { gdpr: { analytics: { consented } } } })
const soldNot = (consented: boolean) => ({
  consent_state: { ccpa: { data_sale_opt_out: { consented } } },
})
const user = () => ({ mpid: undefined, user_identities: { customer_id: crypto.randomUUID() } })

const delivered = async ({ bucket }: Seeded) => {
  await passWindow()
  await passFile()
  return linesIn(bucket)
}

const countsOf = async ({ key }: Seeded): Promise<Record<string, number>> => {
  const answer = await admin(`/inputs/${key.replace('key-', '')}/status`)
  return ((await answer.json()) as { counts: { total: Record<string, number> } }).counts.total
}

const expectCounts = (seeded: Seeded, counts: Record<string, number>) =>
  vi.waitFor(async () => expect(await countsOf(seeded)).toEqual(counts), 8000)

describe('events of an input that asks for consent', () => {
  it.each<[string, object, object, boolean]>([
    ['pass with it', gdpr(), said(true), true],
    ['do not pass when it is refused', gdpr(), said(false), false],
    ['do not pass when nothing is known of it', gdpr(), {}, false],
    [
      'do not pass when only other purposes are told',
      gdpr(),
      { consent_state: { gdpr: {} } },
      false,
    ],
    ['pass when nobody opted out', ccpa, {}, true],
    ['do not pass after an opt-out', ccpa, soldNot(true), false],
    ['pass when the opt-out is taken back', ccpa, soldNot(false), true],
  ])('%s', async (_, privacy, fields, passes) => {
    const seeded = await seedWith(privacy)
    const answer = await upload(seeded.key, batchOf(['one'], { ...user(), ...fields }))
    expect(answer.status).toBe(202)
    expect(eventNames(await delivered(seeded))).toEqual(passes ? ['one'] : [])
    await expectCounts(seeded, passes ? {} : { events_dropped_without_consent: 1 })
  })

  it('pass by what the profile knows, until that changes', async () => {
    const seeded = await seedWith(gdpr())
    const who = user()
    await upload(seeded.key, batchOf(['told'], { ...who, ...said(true) }))
    await upload(seeded.key, batchOf(['known'], who))
    await upload(seeded.key, batchOf(['refused'], { ...who, ...said(false) }))
    await upload(seeded.key, batchOf(['after'], who))
    await upload(seeded.key, batchOf(['again'], { ...who, ...said(true) }))
    expect(eventNames(await delivered(seeded))).toEqual(['told', 'known', 'again'])
  })

  it('leave nothing of a user who never agreed but what was said of consent', async () => {
    const seeded = await seedWith(gdpr())
    const mpid = '424242424242'
    await upload(seeded.key, {
      ...batchOf(['hidden']),
      mpid,
      user_identities: { email: 'hidden@example.org' },
      user_attributes: { plan: 'hidden' },
      ...said(false),
    })
    const stub = env.PROFILE.getByName(mpid)
    const text = await runInDurableObject(stub, (_, { storage }) =>
      JSON.stringify(storage.sql.exec('SELECT * FROM profile').toArray())
    )
    expect(text).not.toContain('hidden')
    expect(text).toContain('analytics')
  })

  it('are stored once as nobody’s where they are stripped', async () => {
    const seeded = await seedWith(gdpr('strip'))
    const who = user()
    const batch = batchOf(['bare'], {
      ...who,
      user_attributes: { plan: 'pro' },
      device_info: { platform: 'web', ios_idfa: 'an-idfa' },
      ip: '203.0.113.9',
    })
    const init = { headers: { 'user-agent': 'Spy/1', 'cf-connecting-ip': '203.0.113.8' } }
    await upload(seeded.key, batch, init)
    await upload(seeded.key, batch, init)
    const lines = await delivered(seeded)
    expect(eventNames(lines)).toEqual(['bare'])
    const [line] = lines
    expect(line).toMatchObject({ device_info: { platform: 'web' }, user_attributes: {} })
    const { customer_id } = who.user_identities
    for (const secret of [customer_id, batch.mp_deviceid, 'an-idfa', '203.0.113', 'Spy']) {
      expect(JSON.stringify(line)).not.toContain(secret)
    }
    await expectCounts(seeded, { events_stripped_without_consent: 2 })
  })

  it('are apart when they are stripped', async () => {
    const seeded = await seedWith(gdpr('strip'))
    const who = user()
    await upload(seeded.key, batchOf(['one'], who))
    await upload(seeded.key, batchOf(['two'], who))
    const mpids = (await delivered(seeded)).map((line) => line.mpid)
    expect(new Set(mpids).size).toBe(2)
  })

  it.each(['drop', 'strip'])('of an app are %sped by what its profile knows', async (otherwise) => {
    const seeded = await seedWith(gdpr(otherwise), mobileInput())
    const client_id = crypto.randomUUID()
    const context = contextOf({ client: { client_id } })
    expect((await putEvents([mobileEvent('one')], { context })).status).toBe(202)
    const lines = await delivered(seeded)
    expect(eventNames(lines)).toEqual(otherwise === 'strip' ? ['one'] : [])
    expect(JSON.stringify(lines)).not.toContain(client_id)
  })
})

describe('Global Privacy Control', () => {
  const headers = { 'sec-gpc': '1' }
  const optOut = { ccpa: { data_sale_opt_out: { consented: true, document: 'Sec-GPC' } } }

  it.each<[string, object, object, unknown]>([
    ['is an opt-out of sale', { respect_gpc: true }, {}, optOut],
    [
      'stands beside other consents',
      { respect_gpc: true },
      said(true),
      { ...said(true).consent_state, ...optOut },
    ],
    [
      'gives way to what the batch says',
      { respect_gpc: true },
      soldNot(false),
      soldNot(false).consent_state,
    ],
    ['is no matter where it is not respected', {}, {}, undefined],
  ])('%s', async (_, privacy, fields, expected) => {
    const seeded = await seed({
      sqs: false,
      s3: { include_consent_state: true },
      input: { privacy },
    })
    await upload(seeded.key, batchOf(['one'], { ...user(), ...fields }), { headers })
    const [line] = await delivered(seeded)
    expect(line?.consent_state).toEqual(expected)
  })

  it('keeps events out that an opt-out keeps out, and those that follow', async () => {
    const seeded = await seedWith({ ...ccpa, respect_gpc: true })
    const who = user()
    await upload(seeded.key, batchOf(['before'], who))
    await request(`/in/${seeded.key}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(batchOf(['with'], who)),
    })
    await upload(seeded.key, batchOf(['after'], who))
    expect(eventNames(await delivered(seeded))).toEqual(['before'])
  })

  it.each<[string, object, number]>([
    ['keeps aliases out that an opt-out keeps out', { ...ccpa, respect_gpc: true }, 0],
    ['is no matter for aliases where it is not respected', ccpa, 1],
    ['is no matter for aliases where nobody asks for consent', { respect_gpc: true }, 1],
  ])('%s', async (_, privacy, kept) => {
    const seeded = await seed({ sqs: false, s3: { send_alias_requests: true }, input: { privacy } })
    const source = { user_identities: { customer_id: crypto.randomUUID() } }
    const destination = { user_identities: { customer_id: crypto.randomUUID() } }
    const answer = await request(`/in/${seeded.key}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        request_type: 'alias',
        request_id: crypto.randomUUID(),
        data: { source, destination, start_unixtime_ms: 1, end_unixtime_ms: 2 },
      }),
    })
    expect(answer.status).toBe(202)
    expect(await delivered(seeded)).toHaveLength(kept)
    await expectCounts(seeded, kept === 0 ? { events_dropped_without_consent: 1 } : {})
  })
})
