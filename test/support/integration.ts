import { gate, type IntegrationScript } from './gate-client'
import { admin, keys, put, runAlarms, upload } from './weir'

export const token = 'integration-token'

const apiKey = { type: 'text', id: 'apiKey', name: 'API key', required: true, confidential: true }

/** What an integration says of itself that takes all it can get. */
export const registration = {
  name: 'Acme',
  version: '1.0',
  permissions: {
    user_identities: [
      { type: 'customer', encoding: 'raw' },
      { type: 'email', encoding: 'sha256' },
    ],
    allow_access_mpid: true,
    allow_user_attributes: true,
  },
  event_processing_registration: {
    account_settings: [apiKey, { type: 'boolean', id: 'test', name: 'Test', checked: true }],
    supported_event_types: ['custom_event', 'screen_view'],
    max_data_age_hours: -1,
  },
  audience_processing_registration: {
    account_settings: [apiKey],
    bulk_configuration: { bulk_forward_wait_for_messages: 3, bulk_forward_wait_in_minutes: 1 },
    audience_subscription_settings: [
      { type: 'text', id: 'list', name: 'List', required: true },
      { type: 'text', id: 'handle', name: 'Handle', visible: false },
    ],
  },
}

type Integration = ReturnType<typeof gate.integration>

export interface SeededIntegration {
  integration: Integration
  /** Ids of the output, the input and the connection. */
  output: string
  input: string
  connection: string
  key: string
}

let count = 0

interface Given {
  script?: IntegrationScript
  output?: Record<string, unknown>
  input?: Record<string, unknown>
  settings?: Record<string, unknown>
  /** Beside the input, for connections that audiences feed. */
  audiences?: { id: string; name?: string; rule: unknown }[]
  lambda?: boolean
}

/** An integration of this test's own, which begins to answer. */
export const newIntegration = async (script: IntegrationScript = {}): Promise<Integration> => {
  count += 1
  const integration = gate.integration(`acme${count}`)
  await integration.script({ registration, token, ...script })
  return integration
}

/** The workspace file of an input or audiences that feed an integration. */
export const workspaceOf = (integration: Integration, given: Given = {}) => {
  const id = integration.name
  const http = { url: integration.url, token }
  const lambda = { lambda_arn: integration.arn(), ...keys, endpoint_url: gate.url }
  const settings = { account_settings: { apiKey: 'sk-secret' }, ...given.settings }
  const source = given.audiences
    ? { audiences: given.audiences.map((one) => one.id) }
    : { input: `in-${id}` }
  return {
    inputs: [{ id: `in-${id}`, key: `key-${id}`, ...given.input }],
    outputs: [
      {
        id: `out-${id}`,
        kind: 'firehose',
        settings: { ...(given.lambda ? lambda : http), ...given.output },
      },
    ],
    connections: [{ id, output: `out-${id}`, ...source, settings }],
    audiences: given.audiences ?? [],
  }
}

export const seedIntegration = async (given: Given = {}): Promise<SeededIntegration> => {
  const { script } = given
  const integration = await newIntegration(given.lambda ? { ...script, token: '' } : script)
  const saved = await put('/workspace?discard=true', workspaceOf(integration, given))
  if (!saved.ok) throw new Error(await saved.text())
  const id = integration.name
  return {
    integration,
    output: `out-${id}`,
    input: `in-${id}`,
    connection: id,
    key: `key-${id}`,
  }
}

/** The messages of a type that an integration got, parsed; probes are those without data. */
export const messagesOf = async (
  integration: Integration,
  type: string
): Promise<Record<string, unknown>[]> =>
  (await integration.messages())
    .map(({ message }) => JSON.parse(message))
    .filter((one) => one.type === type)

type Request = { id: string; events: { name?: string; id: string }[] } & Record<string, unknown>

/** The requests with events in them. */
export const eventRequests = async (integration: Integration): Promise<Request[]> =>
  ((await messagesOf(integration, 'event_processing_request')) as Request[]).filter(
    ({ events }) => events.length > 0
  )

/** Uploads one custom event of a profile, and hands it on. */
export const sendEvent = async (
  { key }: Pick<SeededIntegration, 'key'>,
  event_name: string,
  fields: Record<string, unknown> = {}
): Promise<void> => {
  const timestamp_unixtime_ms = Date.now()
  const answer = await upload(key, {
    source_request_id: crypto.randomUUID(),
    mpid: '7000000000002000001',
    events: [
      {
        event_type: 'custom_event',
        data: { event_name, custom_event_type: 'other', timestamp_unixtime_ms },
      },
    ],
    ...fields,
  })
  if (!answer.ok) throw new Error(await answer.text())
  await runAlarms('PROFILE')
}

export const resume = (connection: string): Promise<Response> =>
  admin(`/connections/${connection}/resume`, { method: 'POST' })
