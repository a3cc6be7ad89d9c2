import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { patience, type Started, start, stopAll } from './started'

interface Batch {
  [field: string]: unknown
  addEvent(event: object): void
}
interface Answered {
  status: number
  body: unknown
  headers: Record<string, string>
}
type Callback = (error: Error | null, data: unknown, answer?: Answered) => void
interface Api {
  uploadEvents(body: unknown, callback: Callback): void
  bulkUploadEvents(body: unknown, callback: Callback): void
}

/** What the test uses of mParticle's Node SDK, which has no types of its own. */
interface NodeSdk {
  ApiClient: new () => { basePath: string }
  Configuration: new (key: string, secret: string) => object
  EventsApi: new (configuration: object | undefined, client: object) => Api
  Batch: new (environment: string) => Batch
  UserIdentities: new () => Record<string, string>
}

const require = createRequire(import.meta.url)
const sdk: NodeSdk = require('mparticle')
const eventsOf: Record<string, new () => object> = require('mparticle')
const data = mkdtempSync(join(tmpdir(), 'weir-events-api-'))
const slow = 180_000
let weir: Started

beforeAll(async () => {
  weir = await start({ WEIR_DATA: data })
  await vi.waitFor(() => expect(weir.output()).toContain('What lands in the queue'), patience)
}, slow)
afterAll(async () => {
  await stopAll()
  rmSync(data, { recursive: true, force: true })
})

interface Given {
  method?: keyof Api
  key?: string
  secret?: string
}

interface Told {
  error: string | undefined
  status: number | undefined
  body: unknown
  headers: Record<string, string> | undefined
}

/** What a callback of the SDK is told: its error, and the answer. */
const send = (body: unknown, given: Given = {}): Promise<Told> => {
  const { method = 'uploadEvents', key = 'demo-web-key', secret = 'demo-web-secret' } = given
  const client = new sdk.ApiClient()
  client.basePath = `${weir.url}/v2`
  const api = new sdk.EventsApi(new sdk.Configuration(key, secret), client)
  return new Promise((done) =>
    api[method](body, (error, _, answer) =>
      done({
        error: error?.message,
        status: answer?.status,
        body: answer?.body,
        headers: answer?.headers,
      })
    )
  )
}

let users = 0
const batchOf = (name: string, id = `user-${users++}`): Batch => {
  const batch = new sdk.Batch('development')
  batch.user_identities = Object.assign(new sdk.UserIdentities(), { customerid: id })
  batch.addEvent(
    Object.assign(new eventsOf.AppEvent!(), { event_name: name, custom_event_type: 'other' })
  )
  return batch
}

interface Line {
  user_identities: { identity: string }[]
  user_attributes: object
  source_info: object
  events: { event_type: string; data: { event_name?: string } }[]
}

const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })

/** The batches in the bucket that are about a user. */
const landedOf = (user: string): Line[] =>
  files(join(data, 'aws/s3'))
    .filter((path) => path.endsWith('.txt'))
    .flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .map((line): Line => JSON.parse(line))
    .filter((line) => line.user_identities.some(({ identity }) => identity === user))

const landedNames = (user: string) =>
  landedOf(user).flatMap((line) => line.events.map(({ data }) => data.event_name))

const admin = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${weir.url}/admin/v1/${path}`, {
    ...init,
    headers: { authorization: 'Bearer demo-admin-token' },
  })

// By the SDK's name of each class of events, with the least that it must be given.
const classes: Record<string, [string, object]> = {
  AppEvent: ['custom_event', { event_name: 'Seen', custom_event_type: 'navigation' }],
  ApplicationStateTransitionEvent: [
    'application_state_transition',
    { application_transition_type: 'application_foreground' },
  ],
  BreadcrumbEvent: ['breadcrumb', { label: 'crumb' }],
  CommerceEvent: ['commerce_event', { product_action: { action: 'purchase', products: [] } }],
  CrashReportEvent: ['crash_report', { message: 'no', exception_handled: true }],
  FirstRunEvent: ['first_run', {}],
  NetworkPerformanceEvent: ['network_performance', { http_verb: 'GET', url: 'https://a.test' }],
  OptOutEvent: ['opt_out', { is_opted_out: false }],
  ProfileEvent: ['profile', { profile_event_type: 'login' }],
  PushMessageEvent: ['push_message', { push_message_type: 'received' }],
  PushRegistrationEvent: ['push_registration', { register: true, registration_token: 't' }],
  ScreenViewEvent: ['screen_view', { screen_name: 'Start' }],
  SessionEndEvent: ['session_end', { session_duration_ms: 1000 }],
  SessionStartEvent: ['session_start', {}],
}

it('brings every class of events of the real Node SDK to the bucket, once', {
  timeout: slow,
}, async () => {
  const events = Object.keys(eventsOf).filter((name) => name.endsWith('Event'))
  expect(events.sort()).toEqual(Object.keys(classes).sort())
  const batch = batchOf('first', 'all-classes')
  batch.source_request_id = 'all-classes-1'
  batch.user_attributes = { plan: 'pro' }
  for (const [name, [, fields]] of Object.entries(classes)) {
    batch.addEvent(Object.assign(new eventsOf[name]!(), fields))
  }
  expect(await send(batch)).toMatchObject({ status: 202, body: {} })
  // As after an answer that was lost on its way.
  expect((await send(batch)).error).toBeUndefined()
  expect((await send([batch], { method: 'bulkUploadEvents' })).error).toBeUndefined()

  const wanted = ['custom_event', ...Object.values(classes).map(([type]) => type)]
  await expect
    .poll(
      () => landedOf('all-classes').flatMap((one) => one.events.map((e) => e.event_type)),
      patience
    )
    .toEqual(wanted)
  expect(landedOf('all-classes')[0]).toMatchObject({
    user_attributes: { plan: 'pro' },
    source_info: { channel: 'server_to_server' },
    user_identities: [{ identity_type: 'customer_id' }],
  })
})

it('takes bulk requests, whatever becomes of single batches in them', {
  timeout: slow,
}, async () => {
  const eventless = new sdk.Batch('development')
  eventless.user_identities = { customerid: 'bulk-b' }
  eventless.user_attributes = { plan: 'free' }
  const bad = { events: [{ data: { event_name: 'untyped' } }] }
  const bulk = [batchOf('one', 'bulk-a'), bad, eventless, batchOf('two', 'bulk-b')]
  const answer = await send(bulk, { method: 'bulkUploadEvents' })
  expect([answer.error, answer.status]).toEqual([undefined, 202])
  await expect.poll(() => landedNames('bulk-a'), patience).toEqual(['one'])
  await expect.poll(() => landedNames('bulk-b'), patience).toEqual(['two'])
  expect(landedOf('bulk-b')[0]?.user_attributes).toEqual({ plan: 'free' })
  const kept = async () => JSON.stringify(await (await admin('rejected')).json())
  await expect.poll(kept, patience).toContain('1.events.0.event_type')
})

it.each([
  ['400 and why', () => send({ events: [{ data: {} }] }), 'Bad Request', 400, 'BAD_REQUEST'],
  ['400 for a list', () => send([batchOf('x')]), 'Bad Request', 400, 'BAD_REQUEST'],
  [
    '400 for 101 batches',
    () => send(Array(101).fill(batchOf('x')), { method: 'bulkUploadEvents' }),
    'Bad Request',
    400,
    'BAD_REQUEST',
  ],
  [
    '401 without a key',
    () => send(batchOf('x'), { key: '', secret: '' }),
    'Unauthorized',
    401,
    undefined,
  ],
  [
    '403 with a wrong secret',
    () => send(batchOf('x'), { secret: 'no' }),
    'Forbidden',
    403,
    undefined,
  ],
  ['403 with a wrong key', () => send(batchOf('x'), { key: 'no' }), 'Forbidden', 403, undefined],
  [
    '413 when it is too large',
    () => send(batchOf('x'.repeat(300_000))),
    'Payload Too Large',
    413,
    'PAYLOAD_TOO_LARGE',
  ],
])('tells the SDK’s callback %s', async (_, sending, error, status, code) => {
  const answer = await sending()
  expect([answer.error, answer.status]).toEqual([error, status])
  expect(answer.body).toEqual(
    code ? { errors: [expect.objectContaining({ code, message: expect.any(String) })] } : {}
  )
})

it('tells the SDK’s callback how much of the limit is used, and when there is room again', async () => {
  const input = (await (await admin('inputs/web')).json()) as { secret: string }
  const save = (batches_per_second: number | undefined) =>
    admin('inputs/web', { method: 'PUT', body: JSON.stringify({ ...input, batches_per_second }) })
  expect((await save(1)).status).toBe(200)
  const hundred = Array.from({ length: 100 }, (_, i) => batchOf('much', `much-${i}`))
  const taken = await send(hundred, { method: 'bulkUploadEvents' })
  expect([taken.status, taken.headers?.['x-mp-rate-limit-percentage-used']]).toEqual([202, '100'])
  const refused = await send(batchOf('more'))
  expect([refused.error, refused.status]).toEqual(['Too Many Requests', 429])
  expect(refused.headers?.['x-mp-rate-limit-exceeded']).toBe('app')
  expect(Number(refused.headers?.['retry-after'])).toBeGreaterThan(50)
  expect((await save(undefined)).status).toBe(200)
  await expect.poll(async () => (await send(batchOf('more'))).status, patience).toBe(202)
})

it('refuses a header of 100 KB and goes on', async () => {
  const authorization = `Basic ${'A'.repeat(100_000)}`
  const answer = await fetch(`${weir.url}/v2/events`, {
    method: 'POST',
    headers: { authorization },
  })
  expect([answer.status, await answer.text()]).toEqual([403, ''])
  expect((await send(batchOf('after'))).status).toBe(202)
})
