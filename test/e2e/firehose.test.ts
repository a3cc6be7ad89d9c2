import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  type AudienceMembershipChangeRequest,
  type AudienceSubscriptionRequest,
  type DsrProcessingRequest,
  type EventProcessingRequest,
  eventTypes,
  MessageProcessor,
  moduleRegistration,
  node,
  raw,
  runtimeTypes,
} from '../../sdk/firehose'
import { eventsOf, landedOf } from './mobile-analytics/landed'
import {
  freePorts,
  killWorker,
  patience,
  type Started,
  start,
  stop,
  stopAll,
  untilRunning,
} from './started'

const data = mkdtempSync(join(tmpdir(), 'weir-firehose-'))
const token = 'a-token-of-acme'

/** An integration written with the library, which notes what it gets. */
class Acme extends MessageProcessor {
  readonly requests: EventProcessingRequest[] = []
  readonly subscriptions: AudienceSubscriptionRequest[] = []
  readonly changes: AudienceMembershipChangeRequest[] = []
  readonly erasures: DsrProcessingRequest[] = []

  processRegistrationRequest() {
    const apiKey = { type: 'text', id: 'apiKey', name: 'API key', required: true } as const
    const settings = [{ ...apiKey, confidential: true }]
    return moduleRegistration({
      name: 'Acme',
      version: '1.0',
      permissions: {
        user_identities: [raw('customer'), raw('email')],
        allow_access_mpid: true,
        allow_user_attributes: true,
        allow_consent_state: true,
      },
      event_processing_registration: {
        account_settings: settings,
        supported_event_types: eventTypes.filter((type) => !type.startsWith('push_message')),
        supported_runtime_environments: [...runtimeTypes],
        supported_system_notification_types: ['gdpr_consent_state'],
      },
      audience_processing_registration: {
        account_settings: settings,
        bulk_configuration: { bulk_forward_wait_for_messages: 1 },
        audience_subscription_settings: [
          { type: 'text', id: 'list', name: 'List', required: true },
          { type: 'text', id: 'handle', name: 'Handle', visible: false },
        ],
      },
      dsr_processing_registration: { supported_dsr_types: ['erasure'], domain: 'acme.example' },
    })
  }

  override async processEventProcessingRequest(request: EventProcessingRequest) {
    this.requests.push(request)
    await super.processEventProcessingRequest(request)
  }

  override processAudienceSubscriptionRequest(request: AudienceSubscriptionRequest) {
    this.subscriptions.push(request)
    return { audience_subscription_settings: { handle: `handle of ${request.audience_name}` } }
  }

  override processAudienceMembershipChangeRequest(request: AudienceMembershipChangeRequest) {
    this.changes.push(request)
  }

  override processDsrProcessingRequest(request: DsrProcessingRequest) {
    this.erasures.push(request)
  }
}

const acme = new Acme()
const eventsSeen = () => acme.requests.flatMap(({ events }) => events)
let integration: Server
let weir: Started
const env: Record<string, string> = { WEIR_DATA: data }

const adminCall = async (method: string, path: string, body?: unknown): Promise<unknown> => {
  const answer = await fetch(`${weir.url}/admin/v1${path}`, {
    method,
    headers: { authorization: 'Bearer demo-admin-token' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

const send = async (batch: Record<string, unknown>): Promise<void> => {
  const body = JSON.stringify({ source_request_id: crypto.randomUUID(), ...batch })
  const answer = await fetch(`${weir.url}/in/demo-web-key`, { method: 'POST', body })
  expect(answer.status).toBe(202)
}

const eventOf = (event_type: string, more: object) => ({
  event_type,
  data: {
    timestamp_unixtime_ms: Date.now(),
    source_message_id: crypto.randomUUID(),
    session_id: '-1096377938905861812',
    ...more,
  },
})

const visit = [
  eventOf('session_start', {}),
  eventOf('screen_view', { screen_name: 'Home' }),
  eventOf('custom_event', { event_name: 'Search', custom_event_type: 'search' }),
  eventOf('custom_event', { event_name: 'install', custom_event_type: 'attribution' }),
  eventOf('commerce_event', { product_action: { action: 'purchase', products: [{ id: 'sku' }] } }),
  eventOf('commerce_event', { promotion_action: { action: 'click', promotions: [{ id: 'p' }] } }),
  eventOf('commerce_event', {
    product_impressions: [{ product_impression_list: 'grid', products: [{ id: 'sku' }] }],
  }),
  eventOf('crash_report', { message: 'x is undefined' }),
  eventOf('opt_out', { is_opted_out: true }),
  eventOf('application_state_transition', {
    application_transition_type: 'application_initialized',
    is_first_run: true,
  }),
  eventOf('push_registration', { register: true, registration_token: 't' }),
  eventOf('user_attribute_change', { user_attribute_name: 'vip', new: true, old: null }),
  eventOf('user_identity_change', {
    new: { identity_type: 'customer_id', identity: 'Cust-1' },
    old: null,
  }),
  eventOf('session_end', { session_duration_ms: 1000 }),
]

beforeAll(async () => {
  integration = createServer(node(acme, { token }))
  await new Promise<void>((done) => integration.listen(0, '127.0.0.1', done))
  Object.assign(env, await freePorts())
  weir = await start(env)
  await vi.waitFor(() => expect(weir.output()).toContain('What lands in the queue'), patience)
  const { port } = integration.address() as AddressInfo
  await adminCall('PUT', '/outputs/acme', {
    kind: 'firehose',
    settings: { url: `http://127.0.0.1:${port}/`, token },
  })
}, 120_000)

afterAll(async () => {
  await stopAll()
  integration.close()
  rmSync(data, { recursive: true, force: true })
})

describe('weir and an integration written with its library', () => {
  it('agree on what the integration is', async () => {
    expect(await adminCall('GET', '/outputs/acme')).toMatchObject({
      registration: {
        name: 'Acme',
        version: '1.0',
        permissions: { allow_access_mpid: true },
        dsr_processing_registration: { supported_dsr_types: ['erasure'] },
      },
    })
  })

  it('verify a connection as it is saved', async () => {
    const settings = { account_settings: { apiKey: 'sk-1' } }
    await adminCall('PUT', '/connections/web-acme', { input: 'web', output: 'acme', settings })
    expect(acme.requests.map(({ events }) => events)).toEqual([[]])
  })

  it('pass on every type of event, with 64-bit numbers exact', async () => {
    const consent_state = { gdpr: { ads: { consented: true, timestamp_unixtime_ms: Date.now() } } }
    const user_identities = { customer_id: 'Cust-1', email: 'a@example.org' }
    const who = { mpid: '7000000000009000001', user_identities, consent_state }
    await send({ ...who, user_attributes: { vip: false, likes: ['tea'] }, events: visit })
    await expect.poll(() => eventsSeen().length, patience).toBe(visit.length)
    const expected = eventTypes.filter((type) => !type.startsWith('push_message'))
    expect(new Set(eventsSeen().map(({ type }) => type))).toEqual(new Set(expected))
    const [request] = acme.requests.slice(-1)
    expect(request).toMatchObject({
      account: { account_settings: { apiKey: 'sk-1' } },
      mpid: '7000000000009000001',
      user_attributes: { vip: 'false' },
      user_attribute_lists: { likes: ['tea'] },
      consent_state: { gdpr_consent_state: { ads: { consented: true } } },
      system_notifications: [{ type: 'gdpr_consent_state', purpose: 'ads' }],
    })
    expect(request?.events[0]?.session_id).toBe('-1096377938905861812')
  })

  it('pass on the changes of audiences, with what the integration keeps there', async () => {
    const rule = { attribute: { vip: true } }
    await adminCall('PUT', '/audiences/vips', { name: 'VIPs', rule })
    await adminCall('PUT', '/connections/vips-acme', {
      audiences: ['vips'],
      output: 'acme',
      settings: {
        account_settings: { apiKey: 'sk-1' },
        audience_subscription_settings: { list: 'l-1' },
      },
    })
    await expect.poll(() => acme.subscriptions.length, patience).toBe(1)
    expect(acme.subscriptions).toMatchObject([{ action: 'add', audience_name: 'VIPs' }])
    const user_identities = { customer_id: 'Cust-2' }
    // Isolates learn of a rule within ten seconds; an upload through an older one is met by a walk.
    await send({ mpid: '7000000000009000002', user_identities, user_attributes: { vip: true } })
    await expect.poll(() => acme.changes.length, { ...patience, timeout: 120_000 }).toBe(1)
    expect(acme.changes[0]).toMatchObject({
      user_profiles: [
        {
          mpid: '7000000000009000002',
          user_identities: [{ type: 'customer', encoding: 'raw', value: 'Cust-2' }],
          audiences: [
            {
              audience_name: 'VIPs',
              action: 'add',
              audience_subscription_settings: { list: 'l-1', handle: 'handle of VIPs' },
            },
          ],
        },
      ],
    })
  }, 180_000)

  it('pass on erasures', async () => {
    const user_identities = { customer_id: 'Cust-2' }
    const erased = await adminCall('POST', '/erasures', { user_identities, regulation: 'gdpr' })
    expect(erased).toMatchObject({ requests: [{ output: 'acme' }] })
    await expect.poll(() => acme.erasures.length, patience).toBe(1)
    expect(acme.erasures[0]).toMatchObject({
      subject_request_type: 'erasure',
      regulation: 'gdpr',
      subject_identities: { controller_customer_id: { encoding: 'raw', value: 'Cust-2' } },
    })
  })

  it('lose nothing when the worker is killed in the middle', async () => {
    const before = eventsSeen().length
    const ids = Array.from({ length: 200 }, () => crypto.randomUUID())
    const sendSome = (some: string[]) =>
      Promise.all(
        some.map((source_message_id, i) =>
          send({
            mpid: String(8_000_000_000_000_000 + i),
            events: [
              eventOf('custom_event', {
                event_name: 'kill',
                custom_event_type: 'other',
                source_message_id,
              }),
            ],
          })
        )
      )
    await sendSome(ids)
    await expect.poll(() => eventsSeen().length, patience).toBeGreaterThan(before)
    killWorker(weir)
    await stop(weir)
    weir = await start(env)
    await untilRunning(weir)
    await expect
      .poll(() => new Set(eventsSeen().map(({ id }) => id)).size, { ...patience, timeout: 120_000 })
      .toBeGreaterThanOrEqual(before + ids.length)
    const seen = new Set(eventsSeen().map(({ id }) => id))
    expect(ids.filter((id) => !seen.has(id))).toEqual([])
  }, 180_000)
})

describe('weir behind weir', () => {
  it('takes as an input what it sends as an output', async () => {
    await adminCall('PUT', '/outputs/behind', {
      kind: 'firehose',
      settings: { url: `${weir.url}/firehose`, token: 'demo-firehose-token' },
    })
    expect(await adminCall('GET', '/outputs/behind')).toMatchObject({
      registration: { name: 'weir' },
    })
    await adminCall('PUT', '/connections/web-behind', { input: 'web', output: 'behind' })
    await send({
      mpid: '7000000000009000077',
      application_info: { application_name: 'Behind' },
      user_identities: { customer_id: 'Cust-77' },
      events: visit,
    })
    // What came by Firehose tells whose account it is of.
    const cameBack = () => landedOf(data, 'Behind').queue.filter((batch) => 'account' in batch)
    const idsOf = (batches: ReturnType<typeof cameBack>) =>
      [...new Set(eventsOf(batches).map(({ id }) => id))].sort()
    const sent = visit.map(({ data: { source_message_id } }) => source_message_id).sort()
    await expect.poll(() => idsOf(cameBack()), { ...patience, timeout: 30_000 }).toEqual(sent)
  })
})
