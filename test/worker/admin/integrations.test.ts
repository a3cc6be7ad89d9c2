import { describe, expect, it } from 'vitest'
import {
  messagesOf,
  newIntegration,
  registration,
  seedIntegration,
  token,
  workspaceOf,
} from '../../support/integration'
import { admin, put } from '../../support/weir'

const errorsOf = async (
  answer: Response
): Promise<{ code: string; path: string; message: string }[]> =>
  ((await answer.json()) as { errors: { code: string; path: string; message: string }[] }).errors

const outputOf = async (id: string): Promise<Record<string, unknown>> =>
  (await admin(`/outputs/${id}`)).json()

const workspace = async () =>
  (await (await admin('/workspace')).json()) as {
    version: number
    workspace: ReturnType<typeof workspaceOf>
  }

describe('saving an output to an integration', () => {
  it('asks what it is, and shows the answer', async () => {
    const { integration, output } = await seedIntegration()
    const [asked] = await integration.messages()
    expect(asked?.message).toContain('module_registration_request')
    expect(asked?.headers.authorization).toBe(`Token ${token}`)
    expect(await outputOf(output)).toMatchObject({
      registration: {
        name: 'Acme',
        permissions: { allow_access_mpid: true },
        event_processing_registration: {
          account_settings: [{ id: 'apiKey', confidential: true }, {}],
        },
      },
      settings: { token: '********' },
    })
  })

  it('asks again only when the output changed, or when it is told to', async () => {
    const { integration, output } = await seedIntegration()
    const asked = async () => (await messagesOf(integration, 'module_registration_request')).length
    const { workspace: file } = await workspace()
    const renamed = file.outputs.map((one) => ({ ...one, name: 'Acme, Inc.' }))
    await put('/workspace', { ...file, outputs: renamed })
    expect(await asked()).toBe(1)
    await integration.script({ registration: { ...registration, version: '2.0' } })
    const answer = await admin(`/outputs/${output}/registration`, { method: 'POST' })
    expect(await answer.json()).toMatchObject({ id: output, registration: { version: '2.0' } })
    expect(await outputOf(output)).toMatchObject({ registration: { version: '2.0' } })
    const moved = renamed.map((one) => ({ ...one, settings: { ...one.settings, account_id: 5 } }))
    await put('/workspace', { ...file, outputs: moved })
    expect(await asked()).toBe(3)
  })

  it('takes nobody’s word for it but the integration’s', async () => {
    const integration = await newIntegration()
    const file = workspaceOf(integration)
    const outputs = file.outputs.map((one) => ({ ...one, registration: { name: 'Forged' } }))
    await put('/workspace?discard=true', { ...file, outputs })
    expect(await outputOf(`out-${integration.name}`)).toMatchObject({
      registration: { name: 'Acme' },
    })
  })

  it.each([
    ['does not answer', { answers: [{ status: 500 }] }, 'registration', /500/],
    ['answers something else', { answers: [{ body: 'hello' }] }, 'registration', /hello/],
    [
      'wants what weir does not do',
      {
        registration: {
          ...registration,
          permissions: { user_identities: [{ type: 'email', encoding: 'rot13' }] },
        },
      },
      'registration.permissions.user_identities.0.encoding',
      /rot13/,
    ],
  ])('is refused when it %s', async (_, script, path, message) => {
    const integration = await newIntegration(script)
    const answer = await put('/workspace?discard=true', workspaceOf(integration))
    expect(answer.status).toBe(422)
    const errors = await errorsOf(answer)
    expect(errors[0]?.path).toBe(`outputs.0.${path}`)
    expect(errors[0]?.message).toMatch(message)
  })

  it.each([
    ['without an address', { url: '' }, 'required', 'url'],
    ['with a password', { url: 'https://u:p@example.com/' }, 'invalid_setting', 'url'],
    [
      'with two',
      { lambda_arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' },
      'invalid_setting',
      'url',
    ],
    [
      'of a function without credentials',
      { url: '', token: '', lambda_arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' },
      'missing_credentials',
      'lambda_arn',
    ],
    [
      'of a function that is none',
      { url: '', lambda_arn: 'arn:aws:sqs' },
      'invalid_setting',
      'lambda_arn',
    ],
  ])('is refused %s', async (_, output, code, path) => {
    const integration = await newIntegration()
    const answer = await put('/workspace?discard=true', workspaceOf(integration, { output }))
    expect(await errorsOf(answer)).toContainEqual(
      expect.objectContaining({ code, path: `outputs.0.settings.${path}` })
    )
  })
})

describe('saving a connection to an integration', () => {
  it.each([
    [
      'without a value that it needs',
      { account_settings: {} },
      'required',
      'account_settings.apiKey',
    ],
    [
      'with a value of another type',
      { account_settings: { apiKey: 'k', test: 'maybe' } },
      'invalid_setting',
      'account_settings.test',
    ],
    [
      'with a value that it does not ask for',
      { account_settings: { apiKey: 'k', color: 'red' } },
      'unknown_setting',
      'account_settings.color',
    ],
    [
      'with a setting of another output',
      { queue_url: 'https://x' },
      'unknown_setting',
      'queue_url',
    ],
  ])('is refused %s', async (_, settings, code, path) => {
    const integration = await newIntegration()
    const answer = await put('/workspace?discard=true', workspaceOf(integration, { settings }))
    expect(answer.status).toBe(422)
    expect(await errorsOf(answer)).toContainEqual(
      expect.objectContaining({ code, path: `connections.0.settings.${path}` })
    )
  })

  it('is refused for events when it takes only audiences, and the other way round', async () => {
    const {
      event_processing_registration: events,
      audience_processing_registration: audiences,
      ...rest
    } = registration
    const integration = await newIntegration()
    const audience = [{ id: 'vips', name: 'VIPs', rule: { attribute: { vip: true } } }]
    await integration.script({
      registration: { ...rest, audience_processing_registration: audiences },
    })
    const ofEvents = await put('/workspace?discard=true', workspaceOf(integration))
    expect((await errorsOf(ofEvents))[0]?.message).toBe('Acme takes no events.')
    await integration.script({ registration: { ...rest, event_processing_registration: events } })
    const ofAudiences = await put(
      '/workspace?discard=true',
      workspaceOf(integration, { audiences: audience })
    )
    expect((await errorsOf(ofAudiences))[0]?.message).toBe('Acme takes no audiences.')
  })

  it('is refused when the integration does not take the verification', async () => {
    const integration = await newIntegration({
      answers: [
        { match: { type: 'event_processing_request' }, status: 401, body: 'bad sk-secret' },
      ],
    })
    const answer = await put('/workspace?discard=true', workspaceOf(integration))
    const [error] = await errorsOf(answer)
    expect(error).toMatchObject({ code: 'verification_failed', path: 'connections.0.settings' })
    expect(error?.message).toContain('HTTP 401 bad …')
    const unverified = await put('/workspace?discard=true&verify=false', workspaceOf(integration))
    expect(unverified.status).toBe(200)
  })

  it('shows no confidential value again, and keeps it when its mask comes back', async () => {
    const { integration, connection } = await seedIntegration()
    const told = await workspace()
    const [shown] = told.workspace.connections
    expect(shown?.settings).toMatchObject({ account_settings: { apiKey: '********' } })
    const renamed = told.workspace.connections.map((one) => ({ ...one, name: 'Acme' }))
    const saved = await put('/workspace', { ...told.workspace, connections: renamed })
    expect(await saved.json()).toMatchObject({ version: told.version + 1 })
    const probes = await messagesOf(integration, 'event_processing_request')
    expect(probes.at(-1)).toMatchObject({ account: { account_settings: { apiKey: 'sk-secret' } } })
    const one = (await (await admin(`/connections/${connection}`)).json()) as object
    expect(JSON.stringify(one)).not.toContain('sealed')
  })

  it('has no stored secret sent to another address than the one it was entered for', async () => {
    const { integration, connection } = await seedIntegration()
    const other = await newIntegration()
    const { workspace: file } = await workspace()
    const outputs = file.outputs.map((one) => ({
      ...one,
      settings: { ...one.settings, url: other.url },
    }))
    const moved = await put('/workspace', { ...file, outputs })
    expect(moved.status).toBe(422)
    expect((await errorsOf(moved)).map(({ code, path }) => `${code} ${path}`)).toEqual([
      'secret_needed outputs.0.settings.token',
      'secret_needed connections.0.settings.account_settings.apiKey',
    ])
    const [output] = outputs
    const body = JSON.stringify({ connection: file.connections[0], output })
    const tried = await admin('/connections/check', { method: 'POST', body })
    expect((await errorsOf(tried))[0]?.code).toBe('secret_needed')
    expect(await other.messages()).toEqual([])
    const entered = outputs.map((one) => ({ ...one, settings: { ...one.settings, token } }))
    const settings = { account_settings: { apiKey: 'sk-new' } }
    const connections = file.connections.map((one) => ({ ...one, settings }))
    const saved = await put('/workspace', { ...file, outputs: entered, connections })
    expect(saved.status, await saved.clone().text()).toBe(200)
    expect((await messagesOf(integration, 'event_processing_request')).length).toBeGreaterThan(0)
    expect((await admin(`/connections/${connection}`)).status).toBe(200)
  })

  it('stores nothing anew when nothing changed', async () => {
    const { integration } = await seedIntegration()
    const { version } = await workspace()
    const again = await put('/workspace', workspaceOf(integration))
    expect(await again.json()).toMatchObject({ version })
  })
})
