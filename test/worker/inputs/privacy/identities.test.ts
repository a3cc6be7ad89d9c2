import { describe, expect, it } from 'vitest'
import { post, secret } from '../../../support/events-api'
import { admin, batchOf, request, seed, upload } from '../../../support/weir'
import { rejectedOf } from '../rejected'

const identify = async (key: string, known_identities: object): Promise<string> => {
  const answer = await request('/identity/v1/identify', {
    method: 'POST',
    headers: { 'x-mp-key': key },
    body: JSON.stringify({ known_identities }),
  })
  return ((await answer.json()) as { mpid: string }).mpid
}

const isKnown = async (mpid: string): Promise<boolean> =>
  (await admin(`/profiles/${mpid}`)).status === 200

describe('a user whose identities may not be kept', () => {
  it.each([
    ['hash', 'user_identities.email'],
    ['hash', 'user_identities.*'],
    ['drop', 'user_identities.email'],
    ['hash', 'mp_deviceid'],
  ])('has one mpid on all ways with %s of %s', async (action, name) => {
    const { key } = await seed({ input: { secret, privacy: { [action]: [name] } } })
    const email = `${crypto.randomUUID()}@example.org`
    const device = crypto.randomUUID()
    const mpid = await identify(key, { email, device_application_stamp: device })
    expect(await isKnown(mpid)).toBe(false)
    const batch = {
      ...batchOf(['one'], { user_identities: { email }, mp_deviceid: device }),
      mpid: undefined,
    }
    await upload(key, batch)
    expect(await isKnown(mpid)).toBe(true)
    const { identities } = (await (await admin(`/profiles/${mpid}`)).json()) as {
      identities: unknown
    }
    const isKept = name === 'mp_deviceid'
    expect(JSON.stringify(identities).includes(email)).toBe(isKept)
    const other = { ...batch, source_request_id: crypto.randomUUID() }
    expect((await post({ key }, 'events', other)).status).toBe(202)
  })

  it('is answered the identity by which it asked', async () => {
    const { key } = await seed({ input: { privacy: { hash: ['user_identities.email'] } } })
    const answer = await request('/identity/v1/identify', {
      method: 'POST',
      headers: { 'x-mp-key': key },
      body: JSON.stringify({ known_identities: { email: 'ada@example.org' } }),
    })
    expect(await answer.json()).toMatchObject({ matched_identities: { email: 'ada@example.org' } })
  })
})

describe('what is kept of a rejected body', () => {
  const drop = { drop: ['user_identities.email'] }
  const consent = { consent: { regulation: 'ccpa' } }
  const spoiled = JSON.stringify({ user_identities: { email: 'ada', x: 'kept' }, events: [{}] })
  it.each<[string, object | undefined, string, string]>([
    ['all without rules', undefined, '{"email":', '{"email":'],
    ['nothing of what cannot be read', drop, '{"email":', ''],
    ['nothing of what is no object', drop, '"ada@example.org"', ''],
    ['all but what rules forbid', drop, spoiled, '{"user_identities":{"x":"kept"},"events":[{}]}'],
    ['nothing where consent is asked for', consent, spoiled, ''],
  ])('is %s', async (_, privacy, body, kept) => {
    const seeded = await seed({ input: privacy ? { privacy } : {} })
    await upload(seeded.key, body)
    const [rejected] = await rejectedOf(seeded.key.replace('key-', ''), 1)
    expect(rejected?.payload).toBe(kept)
  })
})
