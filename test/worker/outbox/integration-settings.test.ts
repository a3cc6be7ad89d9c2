import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  firehoseConfiguration,
  firehoseConnection,
} from '../../../worker/outputs/firehose/settings'
import { basic } from '../../support/events-api'
import { gate } from '../../support/gate-client'
import {
  eventRequests,
  newIntegration,
  registration,
  type SeededIntegration,
  seedIntegration,
  sendEvent,
  workspaceOf,
} from '../../support/integration'
import { admin, moveClock, put, request, runAlarms, status } from '../../support/weir'

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

const permitted = {
  ...registration,
  permissions: { ...registration.permissions, allow_platform_fields: true },
}

type Script = NonNullable<Parameters<typeof seedIntegration>[0]>['script']

const sent = async (given: {
  output?: object
  settings?: object
  script?: Script
  batch?: object
}) => {
  const seeded = await seedIntegration({
    script: { registration: permitted, ...given.script },
    ...(given.output ? { output: given.output as Record<string, unknown> } : {}),
    ...(given.settings ? { settings: given.settings as Record<string, unknown> } : {}),
  })
  await sendEvent(seeded, 'signed_up', given.batch as Record<string, unknown>)
  await deliver()
  return seeded
}

const tested: string[] = []
const setting = (ids: string | string[]): string => {
  tested.push(...[ids].flat())
  return [ids].flat().join(', ')
}

describe('a setting of an output to an integration', () => {
  it(`${setting(['registration_url', 'events_url', 'audiences_url', 'url'])} says where each sort of message goes`, async () => {
    const integration = await newIntegration()
    const output = {
      registration_url: `${integration.url}/registration`,
      events_url: `${integration.url}/events`,
      audiences_url: `${integration.url}/audiences`,
    }
    const audiences = [{ id: 'vips', name: 'VIPs', rule: { attribute: { vip: true } } }]
    const ofEvents = workspaceOf(integration, { output })
    const own = { audience_subscription_settings: { list: 'l' } }
    const ofAudiences = workspaceOf(integration, { output, audiences, settings: own })
    const connections = [
      ...ofEvents.connections,
      ...ofAudiences.connections.map((one) => ({ ...one, id: `${one.id}-audiences` })),
    ]
    const saved = await put('/workspace?discard=true', { ...ofAudiences, connections })
    expect(saved.status).toBe(200)
    await runAlarms('OUTBOX')
    const paths = (await integration.messages()).map(({ path, message }) => {
      const { type } = JSON.parse(message)
      return `${path} ${type}`
    })
    expect([...new Set(paths)].sort()).toEqual([
      '/audiences audience_membership_change_request',
      '/audiences audience_subscription_request',
      '/events event_processing_request',
      '/registration module_registration_request',
    ])
  })

  it(`${setting('token')} is sent as the authorization`, async () => {
    const { integration } = await sent({})
    const [first] = await integration.messages()
    expect(first?.headers.authorization).toBe('Token integration-token')
  })

  it.each([
    [setting('account_id'), { account_id: 77 }, { account: { account_id: 77 } }],
    [
      setting(['account_name', 'workspace_id', 'workspace_name']),
      { account_id: 77, account_name: 'Shop', workspace_id: 5, workspace_name: 'Europe' },
      {
        platform_fields: {
          mp_account_id: 77,
          mp_account_name: 'Shop',
          workspace_id: 5,
          workspace_name: 'Europe',
        },
      },
    ],
    [setting('module_id'), { module_id: '123' }, { integration_attributes: { key: 'value' } }],
  ])('%s is told in each request', async (_, output, expected) => {
    const batch = { integration_attributes: { '123': { key: 'value' }, '124': { other: 'x' } } }
    const { integration } = await sent({ output, batch })
    expect((await eventRequests(integration))[0]).toMatchObject(expected)
  })

  it(`${setting(['lambda_arn', 'access_key_id', 'secret_access_key', 'endpoint_url'])} reach a function`, async () => {
    // By the clock of the gate, which signatures have to agree with.
    vi.useRealTimers()
    const seeded = await seedIntegration({ lambda: true })
    await sendEvent(seeded, 'signed_up')
    await deliver()
    expect(await eventRequests(seeded.integration)).toHaveLength(1)
  })

  it(`${setting(['role_arn', 'external_id'])} reach a function by a role`, async () => {
    vi.useRealTimers()
    const role_arn = 'arn:aws:iam::000000000000:role/integration'
    await gate.roles([{ arn: role_arn, externalId: 'ext-1' }])
    const output = { access_key_id: '', secret_access_key: '', role_arn, external_id: 'ext-1' }
    const seeded = await seedIntegration({ lambda: true, output })
    await sendEvent(seeded, 'signed_up')
    await deliver()
    expect(await eventRequests(seeded.integration)).toHaveLength(1)
  })

  it(`${setting(['oauth_client_id', 'oauth_client_secret'])} get tokens`, async () => {
    const integration = await newIntegration({ token: '' })
    const { event_processing_registration: events } = registration
    const authentication = {
      type: 'oauth2',
      authorization_url: integration.tokenUrl,
      token_url: integration.tokenUrl,
      grant_type: 'client_credentials',
    }
    await integration.script({
      oauth: {},
      registration: {
        ...registration,
        event_processing_registration: { ...events, authentication },
      },
    })
    const output = { token: '', oauth_client_id: 'own-client', oauth_client_secret: 'own-secret' }
    const saved = await put('/workspace?discard=true', workspaceOf(integration, { output }))
    expect(saved.status).toBe(200)
    expect((await integration.tokenRequests())[0]?.form).toMatchObject({
      client_id: 'own-client',
      client_secret: 'own-secret',
    })
  })

  it('is one of those above', () => {
    expect(Object.keys(firehoseConfiguration).filter((id) => !tested.includes(id))).toEqual([])
  })
})

const sendHistorical = async ({ key }: SeededIntegration): Promise<void> => {
  const batch = {
    environment: 'production',
    user_identities: { customer_id: 'c' },
    events: [
      {
        event_type: 'custom_event',
        data: {
          event_name: 'old',
          custom_event_type: 'other',
          timestamp_unixtime_ms: Date.now() - 30 * 86_400_000,
        },
      },
    ],
  }
  const answer = await request('/v2/bulkevents/historical', {
    method: 'POST',
    headers: { authorization: basic(key), 'content-type': 'application/json' },
    body: JSON.stringify([batch]),
  })
  if (!answer.ok) throw new Error(await answer.text())
  await runAlarms('PROFILE')
}

describe('a setting of a connection to an integration', () => {
  const names = async ({ integration }: SeededIntegration) =>
    (await eventRequests(integration)).map(({ events }) => events.map((one) => one.name))

  it(`${setting('account_settings')} are sent as text, with what the integration has by default`, async () => {
    const { integration } = await sent({
      settings: { account_settings: { apiKey: 'k', test: false } },
    })
    const [request] = await eventRequests(integration)
    expect(request?.account).toMatchObject({ account_settings: { apiKey: 'k', test: 'false' } })
  })

  it(`${setting('send_as_batch')} gathers a device’s events`, async () => {
    const seeded = await seedIntegration({ settings: { send_as_batch: true } })
    await sendEvent(seeded, 'one')
    await sendEvent(seeded, 'two')
    moveClock(6_000)
    await runAlarms('PROFILE')
    await deliver()
    expect(await names(seeded)).toEqual([['one', 'two']])
  })

  it(`${setting('include_historical')} off leaves historical batches out`, async () => {
    const seeded = await seedIntegration({
      settings: { include_historical: false },
      input: { secret: 'server-secret' },
    })
    await sendHistorical(seeded)
    await deliver()
    const told = await status(seeded.connection)
    expect(told.ledger).toMatchObject({ accepted: 1, filtered: { include_historical: 1 } })
    expect(await names(seeded)).toEqual([])
  })

  it(`${setting('verification_hours')} says how often the integration is asked whether it is well`, async () => {
    const probes = async (hours: number) => {
      const seeded = await seedIntegration({ settings: { verification_hours: hours } })
      await runAlarms('OUTBOX')
      const before = (await seeded.integration.messages()).length
      moveClock(3 * 3_600_000)
      await runAlarms('OUTBOX')
      return (await seeded.integration.messages()).length - before
    }
    expect(await probes(2)).toBe(1)
    expect(await probes(6)).toBe(0)
    expect(await probes(0)).toBe(0)
  })

  it(`${setting('retention_hours')} says for how long a message is tried`, async () => {
    const seeded = await seedIntegration({ settings: { retention_hours: 2 } })
    await seeded.integration.script({ answers: [{ status: 503 }] })
    await sendEvent(seeded, 'one')
    await deliver()
    moveClock(1.9 * 3_600_000)
    await runAlarms('OUTBOX')
    expect((await status(seeded.connection)).ledger).toMatchObject({ waiting: 1, dead: 0 })
    moveClock(0.2 * 3_600_000)
    await runAlarms('OUTBOX')
    expect((await status(seeded.connection)).ledger).toMatchObject({ waiting: 0, dead: 1 })
    const dead = await (await admin(`/connections/${seeded.connection}/dead-letters`)).text()
    expect(dead).toContain('within 2 hours')
  })

  it('is one of those above', () => {
    expect(Object.keys(firehoseConnection).filter((id) => !tested.includes(id))).toEqual([])
  })
})
