import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  eventRequests,
  messagesOf,
  resume,
  type SeededIntegration,
  seedIntegration,
  sendEvent,
} from '../../support/integration'
import { admin, expectBalance, moveClock, runAlarms, status } from '../../support/weir'

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

/** Lets the longest backoff pass, several times. */
const deliverWhile = async (isWanted: () => Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 40 && (await isWanted()); i++) {
    moveClock(900_000)
    await runAlarms('OUTBOX')
  }
}

const names = async ({ integration }: SeededIntegration): Promise<unknown[]> =>
  (await eventRequests(integration)).flatMap(({ events }) => events.map((one) => one.name))

describe('a connection to an integration', () => {
  it('sends each upload as a request with the values of the integration’s settings', async () => {
    const seeded = await seedIntegration()
    await sendEvent(seeded, 'signed_up', {
      user_identities: { customer_id: 'C-1', email: 'A@b.c' },
    })
    await deliver()
    const [request, ...more] = await eventRequests(seeded.integration)
    expect(more).toEqual([])
    expect(request).toMatchObject({
      type: 'event_processing_request',
      account: { account_id: 1, account_settings: { apiKey: 'sk-secret', test: 'true' } },
      mpid: '7000000000002000001',
      user_identities: [
        { type: 'customer', encoding: 'raw', value: 'C-1' },
        {
          type: 'email',
          encoding: 'sha256',
          value: 'd648b243a3e817eaa3309e00e183483f2867baadf522099f0c2121770536b25a',
        },
      ],
      events: [{ type: 'custom_event', name: 'signed_up' }],
    })
    const told = await status(seeded.connection)
    expect(told).toMatchObject({ state: 'ok', ledger: { accepted: 1, delivered: 1, waiting: 0 } })
  })

  it('invokes a Lambda function with a signed request', async () => {
    // By the clock of the gate, which signatures have to agree with.
    vi.useRealTimers()
    const seeded = await seedIntegration({ lambda: true })
    await sendEvent(seeded, 'signed_up')
    await deliver()
    expect(await names(seeded)).toEqual(['signed_up'])
    const [first] = await seeded.integration.messages()
    expect(first?.qualifier).toBe('live')
  })

  it('keeps the values of confidential settings out of what it stores', async () => {
    const seeded = await seedIntegration()
    await sendEvent(seeded, 'signed_up')
    const rows = await runInDurableObject(
      env.OUTBOX.getByName(`${seeded.connection}/0`),
      (_, state) => state.storage.sql.exec('SELECT body FROM segments').toArray()
    )
    expect(JSON.stringify(rows)).toContain('signed_up')
    expect(JSON.stringify(rows)).not.toContain('sk-secret')
    const workspace = await runInDurableObject(env.WORKSPACE.getByName('workspace'), (_, state) =>
      state.storage.sql.exec('SELECT file FROM versions').toArray()
    )
    expect(JSON.stringify(workspace)).not.toContain('sk-secret')
    expect(JSON.stringify(workspace)).not.toContain('integration-token')
  })

  it.each([408, 429, 500, 502, 503, 504])(
    'sends the same request again after a %i',
    async (code) => {
      const seeded = await seedIntegration()
      await seeded.integration.script({ answers: [{ status: code, times: 2 }] })
      await sendEvent(seeded, 'signed_up')
      await deliver()
      expect(await status(seeded.connection)).toMatchObject({
        state: 'retrying',
        last_error: { reason: expect.stringContaining(String(code)) },
        ledger: { waiting: 1 },
      })
      await deliverWhile(async () => (await status(seeded.connection)).ledger.waiting > 0)
      const sent = await eventRequests(seeded.integration)
      expect(sent).toHaveLength(3)
      expect(new Set(sent.map(({ id, events }) => `${id} ${events[0]?.id}`)).size).toBe(1)
      expectBalance(await status(seeded.connection))
    }
  )

  it('keeps the order of a profile, and delays no other', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 503, times: 1 }] })
    for (const name of ['a1', 'a2', 'a3']) await sendEvent(seeded, name, { mpid: '11' })
    await sendEvent(seeded, 'b1', { mpid: '12' })
    await deliverWhile(async () => (await status(seeded.connection)).ledger.waiting > 0)
    const order = await names(seeded)
    expect(order).toContain('b1')
    expect([...new Set(order.filter((name) => name !== 'b1'))]).toEqual(['a1', 'a2', 'a3'])
    expect(order.at(-1)).not.toBe('a1')
  })

  it('buries what is refused, and delivers the rest', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 422, body: 'no such user', times: 1 }] })
    await sendEvent(seeded, 'refused', { mpid: '11' })
    await sendEvent(seeded, 'taken', { mpid: '12' })
    await deliver()
    const told = await status(seeded.connection)
    expect(told).toMatchObject({ ledger: { delivered: 1, dead: 1, waiting: 0 } })
    const dead = await (await admin(`/connections/${seeded.connection}/dead-letters`)).json()
    expect(JSON.stringify(dead)).toContain('HTTP 422 no such user')
    expectBalance(told)
  })

  it('buries what fails again and again while others are delivered', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 500, match: { contains: 'poison' } }] })
    await sendEvent(seeded, 'poison', { mpid: '13' })
    await sendEvent(seeded, 'behind it', { mpid: '13' })
    let others = 0
    await deliverWhile(async () => {
      await sendEvent(seeded, 'other', { mpid: String(100 + others++) })
      return (await status(seeded.connection)).ledger.dead === 0
    })
    await deliver()
    const sent = await names(seeded)
    expect(sent.filter((name) => name === 'poison')).toHaveLength(10)
    expect(sent.filter((name) => name === 'other')).toHaveLength(others)
    expect(sent.indexOf('behind it')).toBeGreaterThan(sent.lastIndexOf('poison'))
    expectBalance(await status(seeded.connection))
  })

  it('tries what fails for as long as it takes while nothing else is delivered', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 500, times: 25 }] })
    await sendEvent(seeded, 'one', { mpid: '11' })
    await sendEvent(seeded, 'two', { mpid: '12' })
    await deliverWhile(async () => (await status(seeded.connection)).ledger.waiting > 0)
    expect((await status(seeded.connection)).ledger).toMatchObject({ delivered: 2, dead: 0 })
  })

  it('waits, suspended, once an integration asks for it, until somebody resumes', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({
      answers: [{ fields: { suspend_subscription: true }, times: 1 }],
    })
    await sendEvent(seeded, 'last')
    await deliver()
    await sendEvent(seeded, 'later')
    await deliverWhile(async () => false)
    await deliver()
    expect(await names(seeded)).toEqual(['last'])
    const told = await status(seeded.connection)
    expect(told).toMatchObject({ state: 'suspended', ledger: { delivered: 1, waiting: 1 } })

    await seeded.integration.script({ answers: [{ status: 401, times: 1 }] })
    const refused = await resume(seeded.connection)
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'verification_failed' }] })
    expect((await resume(seeded.connection)).status).toBe(200)
    await deliver()
    expect(await names(seeded)).toEqual(['last', 'later'])
    expect(await status(seeded.connection)).toMatchObject({ state: 'ok' })
  })

  it('is suspended, with all that follows, once ten messages in a row were refused', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 403, times: 1000 }] })
    for (let i = 0; i < 15; i++) await sendEvent(seeded, `e${i}`, { mpid: String(i + 1) })
    await deliver()
    await deliver()
    const told = await status(seeded.connection)
    expect(told.state).toBe('suspended')
    expect(told.last_error?.reason).toContain('HTTP 403')
    expect(told.ledger.dead).toBeGreaterThanOrEqual(10)
    expect(told.ledger.waiting).toBeGreaterThan(0)
    expectBalance(told)
  })

  it('goes on after a crash with the same requests', async () => {
    const seeded = await seedIntegration()
    for (const name of ['a', 'b', 'c']) await sendEvent(seeded, name, { mpid: '11' })
    await seeded.integration.script({ answers: [{ cut: true, times: 2 }] })
    await deliver()
    await abortAllDurableObjects()
    await deliverWhile(async () => (await status(seeded.connection)).ledger.waiting > 0)
    const sent = await eventRequests(seeded.integration)
    const ids = new Set(sent.map(({ id }) => id))
    expect(ids.size).toBe(3)
    expectBalance(await status(seeded.connection))
  })

  it('asks once a day whether the integration is well', async () => {
    const seeded = await seedIntegration()
    await runAlarms('OUTBOX')
    const probes = async () =>
      (await messagesOf(seeded.integration, 'event_processing_request')).length
    const before = await probes()
    moveClock(12 * 3_600_000)
    await runAlarms('OUTBOX')
    expect(await probes()).toBe(before)
    moveClock(12 * 3_600_000)
    await runAlarms('OUTBOX')
    expect(await probes()).toBe(before + 1)
    const [last] = (await messagesOf(seeded.integration, 'event_processing_request')).slice(-1)
    expect(last).toMatchObject({
      events: [],
      account: { account_settings: { apiKey: 'sk-secret' } },
    })
  })

  it('tells by its status that the integration is not well, though nothing waits', async () => {
    const seeded = await seedIntegration()
    await seeded.integration.script({ answers: [{ status: 503, times: 1 }] })
    moveClock(25 * 3_600_000)
    await runAlarms('OUTBOX')
    expect(await status(seeded.connection)).toMatchObject({ state: 'retrying' })
    moveClock(900_000)
    await runAlarms('OUTBOX')
    expect(await status(seeded.connection)).toMatchObject({ state: 'ok' })
  })
})
