import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { page, post, signIn } from '../../support/console'
import { admin, batchOf, put, type Seeded, seed, upload } from '../../support/weir'

let cookie: string
let seeded: Seeded

beforeEach(async () => {
  cookie = await signIn()
  seeded = await seed({ s3: false })
})

afterEach(() => {
  vi.useRealTimers()
})

const newMpid = (): string => String(7_300_000_000_000_000_000n + BigInt(Date.now()) * 1000n)
const newEmail = (): string => `${crypto.randomUUID()}@example.org`

let last = 0n
const mpidOf = (): string => {
  last = BigInt(newMpid()) > last ? BigInt(newMpid()) : last + 1n
  return String(last)
}

const known = async (mpid: string, fields: Record<string, unknown> = {}): Promise<void> => {
  const answer = await upload(seeded.key, batchOf(['Hat seen'], { mpid, ...fields }))
  expect(answer.status).toBe(202)
}

const textOf = async (path: string) => (await page(path, { cookie })).text()

describe('the look-up', () => {
  it('leads to a profile by its mpid', async () => {
    const answer = await post('/profiles', { by: 'mpid', value: ' -42 ' }, { cookie })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/console/profiles/-42')
  })

  it('finds those that are derived from an identity and those that clients have named', async () => {
    const email = newEmail()
    const mpid = mpidOf()
    await known(mpid, { user_identities: { email } })
    const { mpid: _, ...derived } = batchOf(['b'], { user_identities: { email } })
    await upload(seeded.key, derived)
    const find = async () =>
      (await post('/profiles', { by: 'email', value: email }, { cookie })).text()
    await expect.poll(find).toContain(`href="/console/profiles/${mpid}"`)
    expect((await find()).match(/href="\/console\/profiles\/-?\d+"/g)).toHaveLength(2)
  })

  it('says that nobody is known', async () => {
    const answer = await post('/profiles', { by: 'email', value: newEmail() }, { cookie })
    expect(await answer.text()).toContain('No profile was found.')
  })

  it.each([
    ['an mpid that is none', { by: 'mpid', value: 'Ada' }, 'An mpid is a 64-bit integer.'],
    ['no value', { by: 'email', value: ' ' }, 'Enter a value.'],
    ['an unknown type', { by: 'shoe_size', value: '42' }, 'shoe_size is not an identity type.'],
  ])('names what is wrong with %s at the field', async (_, fields, message) => {
    const answer = await post('/profiles', fields, { cookie })
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(text).toContain(message)
    expect(text).toContain('aria-describedby="value-help value-error"')
  })
})

describe('a profile', () => {
  it('shows all that is known, exact numbers with all digits, and escapes it', async () => {
    const mpid = mpidOf()
    await put('/audiences/everybody', { rule: { all: [] } })
    const batch = batchOf(['<Hat> seen'], {
      mpid,
      user_identities: { email: 'ada@example.org' },
      consent_state: { gdpr: { analytics: { consented: true, timestamp_unixtime_ms: 1 } } },
    })
    const text = JSON.stringify(batch).replace(
      '"events"',
      '"user_attributes":{"plan":"<pro>","account":12345678901234567890},"events"'
    )
    await upload(seeded.key, text)
    const shown = await textOf(`/profiles/${mpid}`)
    for (const one of ['ada@example.org', '&lt;pro&gt;', '12345678901234567890', 'analytics']) {
      expect(shown).toContain(one)
    }
    expect(shown).toContain('&lt;Hat&gt; seen')
    expect(shown).toContain('href="/console/audiences/everybody"')
    expect(shown).not.toContain('<pro>')
  })

  it('that there is not is told so', async () => {
    const answer = await page(`/profiles/${mpidOf()}`, { cookie })
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('There is no profile with this mpid.')
  })

  it('is not asked for under what is no mpid', async () => {
    expect((await page('/profiles/nobody', { cookie })).status).toBe(404)
  })
})

describe('an erasure', () => {
  it('names what it deletes, and deletes it only once confirmed', async () => {
    const mpid = mpidOf()
    const user_attributes = { plan: 'pro', visits: 3 }
    await known(mpid, { user_attributes, user_identities: { email: newEmail() } })
    const asked = await textOf(`/profiles/${mpid}/erase`)
    expect(asked).toContain('2 attributes')
    expect(asked).toContain('1 identity: email')
    expect((await admin(`/profiles/${mpid}`)).status).toBe(200)
    const answer = await post(`/profiles/${mpid}/erase`, { regulation: 'gdpr' }, { cookie })
    expect(await answer.text()).toContain('The user was erased.')
    expect((await admin(`/profiles/${mpid}`)).status).toBe(404)
  })

  it('takes other profiles of the same identities along only where that is asked for', async () => {
    const email = newEmail()
    const [one, other] = [mpidOf(), mpidOf()]
    for (const mpid of [one, other]) await known(mpid, { user_identities: { email } })
    const asked = () => textOf(`/profiles/${one}/erase`)
    await expect.poll(asked).toContain(`href="/console/profiles/${other}"`)
    await post(`/profiles/${one}/erase`, {}, { cookie })
    expect((await admin(`/profiles/${other}`)).status).toBe(200)
    await known(one, { user_identities: { email } })
    await expect.poll(asked).toContain(`href="/console/profiles/${other}"`)
    await post(`/profiles/${one}/erase`, { others: 'on' }, { cookie })
    expect((await admin(`/profiles/${other}`)).status).toBe(404)
  })
})
