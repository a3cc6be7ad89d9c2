import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  eventRequests,
  messagesOf,
  newIntegration,
  registration,
  resume,
  type SeededIntegration,
  seedIntegration,
  sendEvent,
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

const deliver = async (): Promise<void> => {
  moveClock(6_000)
  await runAlarms('OUTBOX')
}

/** Lets the longest backoff pass, as often as it takes. */
const deliverUntil = async (isDone: () => Promise<boolean>, before = async () => {}) => {
  for (let i = 0; i < 60 && !(await isDone()); i++) {
    await before()
    moveClock(900_000)
    await runAlarms('OUTBOX')
  }
}

const outboxOf = ({ connection }: Pick<SeededIntegration, 'connection'>, shard = 0) =>
  env.OUTBOX.getByName(`${connection}/${shard}`)

const alarmIn = async (seeded: SeededIntegration): Promise<number | undefined> => {
  const at = await runInDurableObject(outboxOf(seeded), (_, { storage }) => storage.getAlarm())
  return at === null ? undefined : at - Date.now()
}

const names = async ({ integration }: Pick<SeededIntegration, 'integration'>) =>
  (await eventRequests(integration)).flatMap(({ events }) => events.map((one) => one.name))

const vips = { id: 'vips', name: 'VIPs', rule: { attribute: { vip: true } } }
const settings = { audience_subscription_settings: { list: 'l' } }

let users = 7_000_000_000_004_000_000n

const enter = async ({ key }: SeededIntegration, name: string): Promise<void> => {
  users += 1n
  const mpid = String(users)
  const user_identities = { customer_id: name }
  const answer = await upload(key, {
    mpid,
    user_identities,
    user_attributes: { vip: true },
    events: [],
  })
  if (!answer.ok) throw new Error(await answer.text())
  await runAlarms('PROFILE')
}

const usersIn = async ({ integration }: SeededIntegration): Promise<string[][]> =>
  (await messagesOf(integration, 'audience_membership_change_request')).flatMap(
    ({ user_profiles }) => {
      const profiles = user_profiles as { user_identities: { value: string }[] }[] | undefined
      return profiles ? [profiles.map((one) => one.user_identities[0]?.value ?? '')] : []
    }
  )

describe('an integration that was in trouble', () => {
  it('is found well although nothing waits any more, without asking all the time', async () => {
    const seeded = await seedIntegration({
      settings: { retention_hours: 1, verification_hours: 0 },
    })
    await seeded.integration.script({ answers: [{ status: 500 }] })
    await sendEvent(seeded, 'expires')
    await deliver()
    moveClock(3_600_000)
    await runAlarms('OUTBOX')
    expect(await status(seeded.connection)).toMatchObject({
      state: 'retrying',
      ledger: { dead: 1, waiting: 0 },
    })
    expect(await alarmIn(seeded)).toBeGreaterThan(500)
    await seeded.integration.script({ answers: [] })
    moveClock(900_000)
    await runAlarms('OUTBOX')
    expect(await status(seeded.connection)).toMatchObject({ state: 'ok' })
    expect(await alarmIn(seeded)).toBeGreaterThan(60_000)
  })

  it('is asked again whether it is well after it was resumed', async () => {
    const seeded = await seedIntegration()
    const suspend = { fields: { suspend_subscription: true }, times: 1 }
    await seeded.integration.script({ answers: [suspend] })
    await sendEvent(seeded, 'one')
    await deliver()
    expect((await resume(seeded.connection)).status).toBe(200)
    await runAlarms('OUTBOX')
    expect(await alarmIn(seeded)).toBeLessThanOrEqual(24 * 3_600_000)
  })

  it('is sent nothing more by any shard once it asked for it', async () => {
    const integration = await newIntegration()
    const file = workspaceOf(integration)
    const connections = file.connections.map((one) => ({ ...one, shards: 2 }))
    await put('/workspace?discard=true', { ...file, connections })
    const seeded = { integration, connection: integration.name, key: `key-${integration.name}` }
    await integration.script({ answers: [{ fields: { suspend_subscription: true }, times: 1 }] })
    await sendEvent(seeded, 'first', { mpid: '1' })
    await deliver()
    for (let i = 2; i < 12; i++) await sendEvent(seeded, `later ${i}`, { mpid: String(i) })
    await deliver()
    expect(await names({ integration })).toEqual(['first'])
    expect(await status(seeded.connection)).toMatchObject({
      state: 'suspended',
      ledger: { waiting: 10 },
    })
  })

  it('gets messages that were refused for their token only, with the next token', async () => {
    const integration = await newIntegration({ token: '' })
    const { event_processing_registration: events } = registration
    const authentication = {
      type: 'oauth2',
      authorization_url: integration.tokenUrl,
      token_url: integration.tokenUrl,
      client_id: 'weir',
      grant_type: 'client_credentials',
    }
    const asking = { ...events, authentication }
    await integration.script({
      oauth: {},
      registration: { ...registration, event_processing_registration: asking },
    })
    const output = { token: '', oauth_client_secret: 'oauth-secret' }
    await put('/workspace?discard=true', workspaceOf(integration, { output }))
    const seeded = { integration, connection: integration.name, key: `key-${integration.name}` }
    await integration.script({ oauth: {} })
    moveClock(120_000)
    for (let i = 1; i <= 5; i++) await sendEvent(seeded, `e${i}`, { mpid: String(i) })
    await deliverUntil(async () => (await status(seeded.connection)).ledger.waiting === 0)
    expect((await status(seeded.connection)).ledger).toMatchObject({ delivered: 5, dead: 0 })
  })

  it('gets what waits behind a message that it fails on, also when the object dies each time', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 500, match: { contains: 'poison' } }] })
    await sendEvent(seeded, 'poison', { mpid: '13' })
    let others = 0
    const isBuried = async () => (await status(seeded.connection)).ledger.dead === 1
    await deliverUntil(isBuried, async () => {
      await sendEvent(seeded, 'other', { mpid: String(100 + others++) })
      await abortAllDurableObjects()
    })
    await deliver()
    const sent = await names(seeded)
    expect(sent.filter((name) => name === 'poison')).toHaveLength(10)
    expect(sent.filter((name) => name === 'other')).toHaveLength(others)
    expectBalance(await status(seeded.connection))
  })

  it('gets all users of a request but the one that it fails on', async () => {
    const poison = { match: { contains: '"value":"poison"' }, status: 500 }
    const seeded = await seedIntegration({ audiences: [vips], settings })
    await runAlarms('OUTBOX')
    await seeded.integration.script({ answers: [poison] })
    for (const name of ['a', 'poison', 'ccc', 'dddd', 'eeeee', 'gggggg', 'hhhhhhh']) {
      await enter(seeded, name)
    }
    let more = 0
    const isBuried = async () => (await status(seeded.connection)).ledger.dead > 0
    await deliverUntil(isBuried, () => enter(seeded, `${'x'.repeat(20 + more++)}`))
    expect((await status(seeded.connection)).ledger.dead).toBe(1)
    const taken = (await usersIn(seeded)).filter((group) => !group.includes('poison')).flat()
    expect(taken).toEqual(
      expect.arrayContaining(['a', 'ccc', 'dddd', 'eeeee', 'gggggg', 'hhhhhhh'])
    )
  })

  it('is not suspended by one request that it refused, however many users that tells of', async () => {
    const many = {
      ...registration,
      audience_processing_registration: {
        ...registration.audience_processing_registration,
        bulk_configuration: { bulk_forward_wait_for_messages: 12 },
      },
    }
    const seeded = await seedIntegration({
      script: { registration: many },
      audiences: [vips],
      settings,
    })
    await runAlarms('OUTBOX')
    await seeded.integration.script({ answers: [{ status: 400, times: 1 }] })
    for (let i = 1; i <= 12; i++) await enter(seeded, 'u'.repeat(i))
    await runAlarms('OUTBOX')
    expect(await status(seeded.connection)).toMatchObject({ state: 'ok', ledger: { dead: 12 } })
  })
})

describe('a connection to an integration', () => {
  it('begins anew when it was emptied while a request was under way', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ delay_ms: 300, times: 1 }] })
    await sendEvent(seeded, 'old', { mpid: '11' })
    moveClock(6_000)
    const running = runAlarms('OUTBOX')
    await vi.waitFor(async () => expect(await names(seeded)).toEqual(['old']))
    await outboxOf(seeded).discardAll(true)
    await sendEvent(seeded, 'new', { mpid: '12' })
    await running
    await deliverUntil(async () => (await status(seeded.connection)).ledger.waiting === 0)
    expect(await names(seeded)).toEqual(['old', 'new'])
  })

  it('replays no dead letter of a user who is being erased', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 422, times: 1 }] })
    await sendEvent(seeded, 'refused', { mpid: '11' })
    await deliver()
    await seeded.integration.script({ answers: [{ delay_ms: 300, times: 1 }] })
    await sendEvent(seeded, 'slow', { mpid: '12' })
    moveClock(6_000)
    const running = runAlarms('OUTBOX')
    await vi.waitFor(async () => expect(await names(seeded)).toContain('slow'))
    const [id = 0] = await outboxOf(seeded).deadLetterIds(1)
    const replayed = outboxOf(seeded).replay([id])
    const erased = admin('/erasures', { method: 'POST', body: JSON.stringify({ mpid: '11' }) })
    await Promise.all([running, replayed, erased])
    await deliver()
    await deliver()
    expect((await names(seeded)).filter((name) => name === 'refused')).toHaveLength(1)
    expectBalance(await status(seeded.connection))
  })

  it('tells of changes before it tells that their audience ends', async () => {
    const seeded = await seedIntegration({ audiences: [vips], settings })
    await runAlarms('OUTBOX')
    await enter(seeded, 'a')
    const teens = { id: 'teens', name: 'Teens', rule: { attribute: { age: { $lt: 20 } } } }
    await put('/workspace', workspaceOf(seeded.integration, { audiences: [teens], settings }))
    moveClock(61_000)
    await runAlarms('OUTBOX')
    const told = (await seeded.integration.messages())
      .map(({ message }) => JSON.parse(message))
      .flatMap(({ type, action, audience_name, user_profiles }) => {
        if (type === 'audience_subscription_request') return `${action} ${audience_name}`
        return user_profiles ? 'changes' : []
      })
    expect(told).toEqual(['add VIPs', 'add Teens', 'changes', 'remove VIPs'])
  })

  it('tells an integration that has moved of its audiences anew', async () => {
    const seeded = await seedIntegration({ audiences: [vips], settings })
    await runAlarms('OUTBOX')
    const output = { audiences_url: `${seeded.integration.url}/audiences` }
    await put(
      '/workspace',
      workspaceOf(seeded.integration, { audiences: [vips], settings, output })
    )
    await runAlarms('OUTBOX')
    const subscriptions = await messagesOf(seeded.integration, 'audience_subscription_request')
    expect(subscriptions.map(({ action }) => action)).toEqual(['add', 'add'])
  })

  it('quotes nothing secret of what an integration answers', async () => {
    const seeded = await seedIntegration({
      settings: { account_settings: { apiKey: 'se"cret\\key' } },
    })
    const body = {
      echoed: { apiKey: 'se"cret\\key', token: 'integration-token' },
      pad: 'x'.repeat(240),
    }
    await seeded.integration.script({ answers: [{ status: 422, body }] })
    await sendEvent(seeded, 'one')
    await deliver()
    const dead = await (await admin(`/connections/${seeded.connection}/dead-letters`)).text()
    expect(dead).toContain('echoed')
    expect(dead).not.toMatch(/cret|integration-token/)
  })
})
