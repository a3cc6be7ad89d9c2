import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { seal } from '../../../worker/config/seal'
import { audienceNumber } from '../../../worker/connections/firehose/membership'
import {
  messagesOf,
  type SeededIntegration,
  seedIntegration,
  workspaceOf,
} from '../../support/integration'
import { admin, expectBalance, moveClock, put, runAlarms, status, upload } from '../../support/weir'

// An hour ahead, so that no alarm goes off by itself.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
})

afterEach(() => {
  vi.useRealTimers()
})

const settings = { audience_subscription_settings: { list: 'vip-list' } }
const vips = { id: 'vips', name: 'VIPs', rule: { attribute: { vip: true } } }
const teens = { id: 'teens', name: 'Teens', rule: { attribute: { age: { $lt: 20 } } } }
const number = audienceNumber('vips')

let mpid = 7_000_000_000_003_000_000n

const setAttributes = async (
  { key }: SeededIntegration,
  user_attributes: Record<string, unknown>,
  who?: string
): Promise<string> => {
  mpid += 1n
  const own = who ?? String(mpid)
  const user_identities = { customer_id: `C-${own}` }
  const answer = await upload(key, { mpid: own, user_attributes, user_identities, events: [] })
  if (!answer.ok) throw new Error(await answer.text())
  await runAlarms('PROFILE')
  return own
}

const subscriptions = ({ integration }: SeededIntegration) =>
  messagesOf(integration, 'audience_subscription_request')

const changes = async ({ integration }: SeededIntegration) =>
  (await messagesOf(integration, 'audience_membership_change_request')).filter(
    ({ user_profiles }) => user_profiles !== undefined
  )

const subscribe = async (given: Parameters<typeof seedIntegration>[0] = {}) => {
  const seeded = await seedIntegration({ audiences: [vips], settings, ...given })
  await runAlarms('OUTBOX')
  return seeded
}

describe('an integration that audiences feed', () => {
  it('is told of each audience once, and again when its name or settings change', async () => {
    const seeded = await subscribe()
    const save = async (audiences: object[], list = 'vip-list') => {
      const values = { audience_subscription_settings: { list } }
      const file = workspaceOf(seeded.integration, {
        audiences: audiences as never,
        settings: values,
      })
      expect((await put('/workspace', file)).status).toBe(200)
      await runAlarms('OUTBOX')
      await runAlarms('OUTBOX')
    }
    await save([vips])
    expect(await subscriptions(seeded)).toMatchObject([
      {
        action: 'add',
        audience_id: number,
        audience_name: 'VIPs',
        audience_subscription_settings: { list: 'vip-list' },
      },
    ])
    await save([{ ...vips, name: 'Best customers' }, teens])
    await save([teens], 'other-list')
    expect((await subscriptions(seeded)).slice(1)).toMatchObject([
      { action: 'update', audience_id: number, audience_name: 'Best customers' },
      { action: 'add', audience_name: 'Teens' },
      {
        action: 'update',
        audience_name: 'Teens',
        audience_subscription_settings: { list: 'other-list' },
        previous_audience_subscription_settings: { list: 'vip-list' },
      },
      { action: 'remove', audience_id: number },
    ])
  })

  it('is told that its audiences end before their connection goes', async () => {
    const seeded = await subscribe()
    const file = workspaceOf(seeded.integration, { audiences: [vips], settings })
    expect((await put('/workspace', { ...file, connections: [] })).status).toBe(200)
    expect((await subscriptions(seeded)).map(({ action }) => action)).toEqual(['add', 'remove'])
  })

  it('gets many changes in one request, with what it answered to the subscription', async () => {
    const answers = [
      {
        match: { type: 'audience_subscription_request' },
        fields: { audience_subscription_settings: { handle: 'h-77' } },
      },
    ]
    const seeded = await subscribe({ script: { answers } })
    const users = [
      await setAttributes(seeded, { vip: true }),
      await setAttributes(seeded, { vip: true }),
    ]
    await runAlarms('OUTBOX')
    expect(await changes(seeded)).toEqual([])
    users.push(await setAttributes(seeded, { vip: true }))
    await runAlarms('OUTBOX')
    const [request, ...more] = await changes(seeded)
    expect(more).toEqual([])
    expect(request?.user_profiles).toEqual(
      users.map((user) => ({
        mpid: user,
        user_identities: [{ type: 'customer', encoding: 'raw', value: `C-${user}` }],
        audiences: [
          {
            audience_id: number,
            audience_name: 'VIPs',
            action: 'add',
            audience_subscription_settings: { list: 'vip-list', handle: 'h-77' },
          },
        ],
      }))
    )
    const told = await status(seeded.connection)
    expect(told.ledger).toMatchObject({ accepted: 3, delivered: 3, waiting: 0 })
    expect(told.delivered.requests).toBe(1)
  })

  it('gets fewer changes once the first of them has waited long enough', async () => {
    const seeded = await subscribe()
    const user = await setAttributes(seeded, { vip: true })
    moveClock(30_000)
    await runAlarms('OUTBOX')
    expect(await changes(seeded)).toEqual([])
    moveClock(31_000)
    await runAlarms('OUTBOX')
    await setAttributes(seeded, { vip: false }, user)
    moveClock(61_000)
    await runAlarms('OUTBOX')
    const actions = (await changes(seeded)).map(({ user_profiles }) => user_profiles)
    expect(actions).toMatchObject([
      [{ audiences: [{ action: 'add' }] }],
      [{ audiences: [{ action: 'delete' }] }],
    ])
  })

  it('gets what waits at once when somebody asks for it', async () => {
    const seeded = await subscribe()
    await setAttributes(seeded, { vip: true })
    await admin(`/connections/${seeded.connection}/retry`, { method: 'POST' })
    await runAlarms('OUTBOX')
    expect(await changes(seeded)).toHaveLength(1)
  })

  it('gets no changes before it has taken the audience', async () => {
    const answers = [{ match: { type: 'audience_subscription_request' }, status: 400, times: 1 }]
    const seeded = await subscribe({ script: { answers } })
    await setAttributes(seeded, { vip: true })
    expect(await status(seeded.connection)).toMatchObject({
      state: 'failing',
      last_error: { reason: expect.stringContaining('refused an audience') },
    })
    expect(await changes(seeded)).toEqual([])
    moveClock(900_000)
    await runAlarms('OUTBOX')
    expect(await changes(seeded)).toHaveLength(1)
    expectBalance(await status(seeded.connection))
  })

  it('waits, suspended, once it asks for it', async () => {
    const match = { type: 'audience_membership_change_request', contains: 'user_profiles' }
    const answers = [{ match, fields: { suspend_subscription: true }, times: 1 }]
    const seeded = await subscribe({ script: { answers } })
    for (let i = 0; i < 3; i++) await setAttributes(seeded, { vip: true })
    await runAlarms('OUTBOX')
    for (let i = 0; i < 3; i++) await setAttributes(seeded, { vip: true })
    await runAlarms('OUTBOX')
    expect(await status(seeded.connection)).toMatchObject({
      state: 'suspended',
      ledger: { delivered: 3, waiting: 3 },
    })
  })

  it('keeps settings of audiences sealed, also while CONFIG_KEY is being replaced', async () => {
    const answers = [
      {
        match: { type: 'audience_subscription_request' },
        fields: { audience_subscription_settings: { handle: 'h-77' } },
      },
    ]
    const seeded = await subscribe({ script: { answers } })
    const outbox = env.OUTBOX.getByName(`${seeded.connection}/0`)
    const rows = () =>
      runInDurableObject(outbox, (_, { storage }) =>
        storage.sql.exec('SELECT * FROM subscriptions').toArray()
      )
    expect(await rows()).toMatchObject([{ audience: 'vips', name: 'VIPs' }])
    expect(JSON.stringify(await rows())).not.toMatch(/vip-list|h-77/)

    const place = `${seeded.connection}/0.subscriptions.vips`
    const [list, handle] = await Promise.all(
      [{ list: 'vip-list' }, { handle: 'h-77' }].map((one) =>
        seal(JSON.stringify(one), place, 'earlier-config-key')
      )
    )
    await runInDurableObject(outbox, (_, { storage }) => {
      storage.sql.exec('UPDATE subscriptions SET settings = ?, answered = ?', list, handle)
    })
    const rotation = async (method: string) => (await admin('/rotate', { method })).json()
    const none = { current: 0, previous: 0, lost: 0 }
    expect(await rotation('GET')).toMatchObject({ subscriptions: { ...none, previous: 2 } })
    expect(await rotation('POST')).toMatchObject({ subscriptions: { ...none, current: 2 } })
    await setAttributes(seeded, { vip: true })
    await admin(`/connections/${seeded.connection}/retry`, { method: 'POST' })
    await runAlarms('OUTBOX')
    expect(await subscriptions(seeded)).toHaveLength(1)
    expect(await changes(seeded)).toMatchObject([
      {
        user_profiles: [
          { audiences: [{ audience_subscription_settings: { list: 'vip-list', handle: 'h-77' } }] },
        ],
      },
    ])
  })

  it('has one shard', async () => {
    const seeded = await subscribe()
    const file = workspaceOf(seeded.integration, { audiences: [vips], settings })
    const connections = file.connections.map((one) => ({ ...one, shards: 2 }))
    const answer = await put('/workspace', { ...file, connections })
    expect(await answer.json()).toMatchObject({
      errors: [{ code: 'invalid', path: 'connections.0.shards' }],
    })
  })
})
