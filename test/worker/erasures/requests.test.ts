import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eraseUsers } from '../../../worker/erasures/erase'
import { joinIdentities } from '../../../worker/erasures/requests'
import { Outbox } from '../../../worker/outbox/outbox'
import { linkedMpids } from '../../../worker/partitions/directory/link-shards'
import { linkOf } from '../../../worker/partitions/links'
import { gate } from '../../support/gate-client'
import { admin, expectBalance, passFile, put, runAlarms, status, upload } from '../../support/weir'

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

let count = 0
const newMpid = (): string => `83000000000000${String(++count).padStart(5, '0')}`
const newEmail = (): string => `${crypto.randomUUID()}@example.org`

const raw = (type: string) => ({ type, encoding: 'raw' })

const registration = (fields: object = {}) => ({
  name: 'partner',
  version: '1',
  permissions: {
    user_identities: [raw('email'), raw('customer')],
    device_identities: [raw('ios_vendor_id')],
  },
  event_processing_registration: { supported_event_types: ['custom_event'] },
  dsr_processing_registration: { supported_dsr_types: ['erasure'], domain: 'partner.example' },
  ...fields,
})

interface Given {
  registration?: object
  /** Fields of each connection to it. */
  connections?: object[]
}

/** A workspace with one integration, and what it is asked to erase. */
const open = async ({ connections = [{}], ...given }: Given = {}) => {
  const name = `p${++count}-${crypto.randomUUID().slice(0, 8)}`
  const integration = gate.integration(name)
  await integration.script({ registration: registration(given.registration), token: 'a token' })
  const saved = await put('/workspace?discard=true', {
    inputs: [{ id: name, key: `key-${name}` }],
    audiences: [{ id: 'vips', rule: { attribute: { vip: true } } }],
    outputs: [
      { id: 'partner', kind: 'firehose', settings: { url: integration.url, token: 'a token' } },
    ],
    connections: connections.map((one, i) => ({
      id: `${name}-${i}`,
      output: 'partner',
      ...('audiences' in one ? {} : { input: name }),
      ...one,
    })),
  })
  expect(saved.status, await saved.clone().text()).toBe(200)
  const all = async () => (await integration.messages()).map((one) => JSON.parse(one.message))
  return {
    key: `key-${name}`,
    connection: (i = 0) => `${name}-${i}`,
    requests: async () => (await all()).filter((one) => one.type === 'dsr_processing_request'),
    events: async () => (await all()).filter((one) => one.type === 'event_processing_request'),
  }
}

interface Answer {
  erased: { mpid: string; profile: boolean; deliveries: number }[]
  requests: { output: string; connection: string; subject_request_id: string }[]
  skipped: { output: string; reason: string }[]
  more: boolean
}

const post = (body: object): Promise<Response> =>
  admin('/erasures', { method: 'POST', body: JSON.stringify(body) })

const erase = async (body: object): Promise<Answer> => {
  const answer = await post(body)
  expect(answer.status, await answer.clone().text()).toBe(200)
  return answer.json()
}

const value = (text: string) => ({ encoding: 'raw', value: text })

describe('an erasure', () => {
  it('is requested of an integration, by what was given and by what was known', async () => {
    const { key, connection, requests } = await open()
    const [mpid, email] = [newMpid(), newEmail()]
    const user_identities = { email, customer_id: 'c-1', google: 'g-1' }
    await upload(key, { mpid, user_identities })
    const answer = await erase({ mpid, regulation: 'gdpr' })
    expect(answer.requests).toEqual([
      { output: 'partner', connection: connection(), subject_request_id: expect.any(String) },
    ])
    expect(answer.skipped).toEqual([])
    expect(JSON.stringify(answer)).not.toContain(email)
    await passFile()
    expect(await requests()).toMatchObject([
      {
        account: { account_id: 1 },
        subject_request_id: answer.requests[0]!.subject_request_id,
        subject_request_type: 'erasure',
        subject_identities: { email: value(email), controller_customer_id: value('c-1') },
        regulation: 'gdpr',
      },
    ])
    const now = await status(connection())
    expect(now).toMatchObject({ waiting: { deliveries: 0 }, delivered: { deliveries: 1 } })
    expectBalance(now)
  })

  it('is requested although weir knows nobody, and once for all connections of an output', async () => {
    const { requests, connection } = await open({ connections: [{}, {}] })
    const email = newEmail()
    const { erased, requests: made } = await erase({ user_identities: { email } })
    expect(erased).toMatchObject([{ profile: false }])
    expect(made).toMatchObject([{ connection: connection(0) }])
    await passFile()
    expect(await requests()).toMatchObject([
      { subject_identities: { email: value(email) }, regulation: 'unknown' },
    ])
  })

  it.each<[string, object[], number | undefined]>([
    ['the first', [{}, {}], 0],
    ['one that is enabled', [{ enabled: false }, {}], 1],
    ['one that an input feeds', [{ audiences: ['vips'] }, {}], 1],
    [
      'one that is enabled rather than an input’s',
      [{ enabled: false }, { audiences: ['vips'] }],
      1,
    ],
    ['a disabled one when there is no other', [{ enabled: false }], 0],
  ])('goes by %s', async (_, connections, index = 0) => {
    const { connection } = await open({
      connections,
      registration: { audience_processing_registration: {} },
    })
    const { requests } = await erase({ user_identities: { email: newEmail() } })
    expect(requests).toMatchObject([{ connection: connection(index) }])
  })

  it.each<[string, Given, object, RegExp]>([
    ['no connection leads to', { connections: [] }, { email: 'a@b.c' }, /No connection/],
    ['may know no identity', {}, { google: 'g' }, /identities/],
  ])('tells which output it skipped since it %s', async (_, given, user_identities, reason) => {
    const { requests } = await open(given)
    expect(await erase({ user_identities })).toMatchObject({
      requests: [],
      skipped: [{ output: 'partner', reason: expect.stringMatching(reason) }],
    })
    await passFile()
    expect(await requests()).toEqual([])
  })

  it('is no matter of integrations that did not register for it', async () => {
    const { requests } = await open({ registration: { dsr_processing_registration: undefined } })
    const answer = await erase({ user_identities: { email: newEmail() } })
    expect(answer).toMatchObject({ requests: [], skipped: [] })
    await passFile()
    expect(await requests()).toEqual([])
  })

  it('is requested for each of two users who differ in an identity', async () => {
    const { key, requests } = await open()
    const [email, tag] = [newEmail(), crypto.randomUUID()]
    for (const customer_id of [`a-${tag}`, `b-${tag}`]) {
      await upload(key, { mpid: newMpid(), user_identities: { email, customer_id } })
    }
    const { hash } = linkOf({ type: 'email', identity: email }, 'test-identity-key')
    await vi.waitFor(async () => expect(await linkedMpids(env, [hash], 9)).toHaveLength(2))
    const { requests: made } = await erase({ user_identities: { email } })
    expect(made).toHaveLength(2)
    await passFile()
    const asked = (await requests()).map((one) => one.subject_identities)
    expect(asked).toContainEqual({
      email: value(email),
      controller_customer_id: value(`a-${tag}`),
    })
    expect(asked).toContainEqual({
      email: value(email),
      controller_customer_id: value(`b-${tag}`),
    })
  })

  it('lets earlier requests wait that an integration has not taken', async () => {
    const { key, connection, requests } = await open({ connections: [{ enabled: false }] })
    const [mpid, email] = [newMpid(), newEmail()]
    await upload(key, { mpid, user_identities: { email } })
    await erase({ mpid })
    expect(await erase({ mpid, user_identities: { email } })).toMatchObject({
      erased: [{ mpid, deliveries: 0 }, { deliveries: 0 }],
    })
    await eraseUsers(env, { mpids: ['0', mpid] })
    expect((await status(connection())).waiting.deliveries).toBe(2)
    const [, id] = [connection(), connection().replace(/-0$/, '')]
    await put(`/connections/${connection()}`, { input: id, output: 'partner', enabled: true })
    await passFile()
    await runAlarms('OUTBOX')
    expect((await requests()).map((one) => one.subject_identities)).toEqual([
      { email: value(email) },
      { email: value(email) },
    ])
  })

  it('asks once for a request that is repeated by its name, and tells devices', async () => {
    const { requests } = await open()
    const subject = { identities: { ios_idfv: 'v-1', email: newEmail() } }
    const options = { request_id: crypto.randomUUID(), submitted_ms: 1_795_229_708_345 }
    const first = await eraseUsers(env, subject, options)
    const again = await eraseUsers(env, subject, options)
    expect(again.requests).toEqual(first.requests)
    await passFile()
    expect(await requests()).toMatchObject([
      {
        submitted_time: '2026-11-21T02:55:08.345Z',
        subject_identities: { ios_vendor_id: value('v-1') },
      },
    ])
  })
})

describe('an erasure that fails', () => {
  it('because a request cannot be stored is told so, and the next knows what the first knew', async () => {
    const { key, requests } = await open()
    const [mpid, email] = [newMpid(), newEmail()]
    await upload(key, { mpid, user_identities: { email } })
    vi.spyOn(Outbox.prototype, 'enqueue').mockResolvedValueOnce({ taken: false, reason: 'full' })
    const refused = await post({ mpid })
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'not_taken' }] })
    expect((await admin(`/profiles/${mpid}`)).status).toBe(404)
    expect(await erase({ mpid })).toMatchObject({ erased: [{ profile: false, directory: true }] })
    await passFile()
    expect(await requests()).toMatchObject([{ subject_identities: { email: value(email) } }])
    const { skipped } = await erase({ mpid })
    expect(skipped).toHaveLength(1)
  })

  it('leaves a user who comes back meanwhile to the next, which knows both lives', async () => {
    const { key, requests } = await open()
    const [mpid, before, after] = [newMpid(), newEmail(), newEmail()]
    await upload(key, { mpid, user_identities: { email: before } })
    vi.spyOn(Outbox.prototype, 'erase').mockImplementationOnce(() => {
      throw new Error('The object was reset.')
    })
    expect((await post({ mpid })).status).toBe(500)
    await upload(key, { mpid, user_identities: { email: after } })
    expect(await erase({ mpid })).toMatchObject({ erased: [{ profile: true }] })
    await passFile()
    expect((await requests()).map((one) => one.subject_identities.email.value).sort()).toEqual(
      [before, after].sort()
    )
  })
})

describe('what is known of users', () => {
  it.each([
    [[], []],
    [[{}, {}], []],
    [[{}, { a: '1' }], [{ a: '1' }]],
    [[{ a: '1' }, { b: '2' }, { a: '1', c: '3' }], [{ a: '1', b: '2', c: '3' }]],
    [
      [{ a: '1' }, { a: '2', b: '2' }, { b: '3' }],
      [
        { a: '1', b: '3' },
        { a: '2', b: '2' },
      ],
    ],
  ])('%j joins as far as it agrees: %j', (given, joined) => {
    expect(joinIdentities(given as Record<string, string>[])).toEqual(joined)
  })
})
