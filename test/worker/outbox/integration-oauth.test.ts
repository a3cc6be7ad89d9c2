import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  eventRequests,
  newIntegration,
  registration,
  sendEvent,
  workspaceOf,
} from '../../support/integration'
import { expectBalance, moveClock, put, runAlarms, status } from '../../support/weir'

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

const seedWithTokens = async (
  authentication: Record<string, unknown>,
  oauth: Record<string, unknown> = {}
) => {
  const integration = await newIntegration({ token: '' })
  const { event_processing_registration: events, ...rest } = registration
  const given = {
    type: 'oauth2',
    authorization_url: `${integration.tokenUrl}/authorize`,
    token_url: integration.tokenUrl,
    client_id: 'weir-client',
    ...authentication,
  }
  await integration.script({
    oauth,
    registration: { ...rest, event_processing_registration: { ...events, authentication: given } },
  })
  const id = integration.name
  const output = { token: '', oauth_client_secret: 'oauth-secret' }
  const saved = await put('/workspace?discard=true', workspaceOf(integration, { output }))
  if (!saved.ok) throw new Error(await saved.text())
  return { integration, connection: id, key: `key-${id}` }
}

const clientCredentials = { grant_type: 'client_credentials' }

describe('an integration that asks for OAuth2', () => {
  it.each([
    ['as a bearer', {}, {}, 'authorization'],
    [
      'in a header of its own',
      { access_token_type: 'custom_header', custom_header_name: 'X-Api-Token' },
      { header: 'x-api-token' },
      'x-api-token',
    ],
  ])('gets the token of its token endpoint %s', async (_, authentication, oauth, header) => {
    const seeded = await seedWithTokens({ ...clientCredentials, ...authentication }, oauth)
    await sendEvent(seeded, 'signed_up')
    await deliver()
    expect((await eventRequests(seeded.integration)).length).toBe(1)
    const [request] = await seeded.integration.tokenRequests()
    expect(request?.form).toMatchObject({
      grant_type: 'client_credentials',
      client_id: 'weir-client',
      client_secret: 'oauth-secret',
    })
    const messages = await seeded.integration.messages()
    expect(messages.at(-1)?.headers[header]).toBeTruthy()
    expectBalance(await status(seeded.connection))
  })

  it('gets a new token when it refuses the one it gave', async () => {
    const seeded = await seedWithTokens(clientCredentials)
    await sendEvent(seeded, 'first')
    await deliver()
    await seeded.integration.script({ oauth: {} })
    moveClock(120_000)
    await sendEvent(seeded, 'second')
    await deliver()
    await deliver()
    const told = await status(seeded.connection)
    expect(told.ledger).toMatchObject({ delivered: 2, dead: 0, waiting: 0 })
    expect(await seeded.integration.tokenRequests()).toHaveLength(2)
  })

  it('can be saved before it is authorized, and is sent nothing until then', async () => {
    const seeded = await seedWithTokens({})
    await sendEvent(seeded, 'signed_up')
    await deliver()
    expect(await eventRequests(seeded.integration)).toEqual([])
    expect(await status(seeded.connection)).toMatchObject({
      state: 'failing',
      last_error: { reason: expect.stringContaining('not authorized yet') },
      ledger: { waiting: 1 },
    })
  })
})
