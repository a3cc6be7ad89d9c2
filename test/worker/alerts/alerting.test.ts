import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AlertMessage, signatureOf } from '../../../worker/alerts/webhook'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import {
  admin,
  moveClock,
  put,
  runAlarms,
  type Seeded,
  s3Connection,
  seed,
  status,
} from '../../support/weir'

interface Posted {
  headers: Headers
  body: string
  message: AlertMessage
}

let posted: Posted[]
let answers: (number | 'none')[]

const secret = 'webhook-secret'
const url = 'https://alerts.example/hook?key=as-good-as-a-key'
const minute = 60_000

beforeEach(async () => {
  posted = []
  answers = []
  await gate.faults([])
  const real = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const to = input instanceof Request ? input.url : String(input)
    if (!to.startsWith('https://alerts.example/')) return real(input as never, init as never)
    const body = String(init?.body)
    const answer = answers.shift() ?? 200
    posted.push({
      headers: new Headers(init?.headers as HeadersInit),
      body,
      message: JSON.parse(body),
    })
    if (answer === 'none') throw new Error(`could not reach ${to}`)
    return new Response(answer === 204 ? null : 'thanks', { status: answer })
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const watched = async (given: Record<string, unknown> = {}): Promise<Seeded> => {
  const seeded = await seed({ sqs: false })
  const saved = await put('/alerts/night', {
    url,
    secret,
    failing_minutes: 1,
    lag_minutes: 3,
    ...given,
  })
  if (!saved.ok) throw new Error(await saved.text())
  return seeded
}

const fail = ({ bucket }: Seeded) => gate.faults([{ match: { bucket }, fault: 'forbidden' }])

const outboxStub = (seeded: Seeded) => env.OUTBOX.getByName(`${s3Connection(seeded)}/0`)

const alarmOf = (seeded: Seeded) =>
  runInDurableObject(outboxStub(seeded), (_, state) => state.storage.getAlarm())

/** Lets time pass and what is due happen. */
const pass = async (ms: number): Promise<void> => {
  moveClock(ms)
  await runAlarms('OUTBOX')
}

const failing = async (given: Record<string, unknown> = {}): Promise<Seeded> => {
  const seeded = await watched(given)
  await fail(seeded)
  await outboxOf(s3Connection(seeded)).enqueue(handOffOf('kept'))
  await pass(6000)
  expect((await status(s3Connection(seeded))).state).toBe('failing')
  return seeded
}

const taken = (count: number) => vi.waitFor(() => expect(posted).toHaveLength(count))

const mend = async (seeded: Seeded): Promise<void> => {
  await gate.faults([])
  await admin(`/connections/${s3Connection(seeded)}/retry`, { method: 'POST' })
  await runAlarms('OUTBOX')
}

describe('an alert', () => {
  it('tells once of a connection that fails for too long, signed, and once that it is well', async () => {
    const seeded = await failing()
    expect(posted).toEqual([])
    await pass(minute)
    await taken(1)
    const { headers, body, message } = posted[0]!
    expect(headers.get('x-weir-signature')).toBe(await signatureOf(body, secret))
    expect(headers.get('content-type')).toBe('application/json')
    expect(message).toMatchObject({
      type: 'connection_failing',
      alert: 'night',
      connection: s3Connection(seeded),
      shard: 0,
      reason: expect.stringContaining('403'),
      status: { state: 'failing', attempts: 1, waiting: { deliveries: 1, events: 1 } },
    })
    expect(message.at_ms - message.since_ms).toBeGreaterThanOrEqual(minute)

    await pass(20_000)
    await mend(seeded)
    await taken(2)
    expect(posted[1]!.message).toMatchObject({
      type: 'connection_recovered',
      since_ms: message.since_ms,
      status: { state: 'ok', next_attempt_ms: null, waiting: { deliveries: 0 } },
    })
    await pass(5000)
    expect(posted).toHaveLength(2)
    const { health } = await runInDurableObject(outboxStub(seeded), (_, state) =>
      state.storage.sql.exec<{ health: string }>('SELECT health FROM meta').one()
    )
    expect(JSON.parse(health)).not.toHaveProperty('alerts')
  })

  it('wakes the outbox in time although the next attempt is far', async () => {
    const seeded = await failing()
    const {
      condition: { since_ms },
    } = await runInDurableObject(outboxStub(seeded), (_, state) =>
      JSON.parse(state.storage.sql.exec<{ health: string }>('SELECT health FROM meta').one().health)
    )
    expect(await alarmOf(seeded)).toBe(since_ms + minute)
    await pass(minute)
    await taken(1)
    const {
      condition: { next_ms },
    } = await runInDurableObject(outboxStub(seeded), (_, state) =>
      JSON.parse(state.storage.sql.exec<{ health: string }>('SELECT health FROM meta').one().health)
    )
    expect(next_ms).toBeGreaterThan(Date.now() + 3 * minute)
    expect(await alarmOf(seeded)).toBeLessThanOrEqual(next_ms)
  })

  it('is sent again, under the same id, until it is taken, also across an eviction', async () => {
    answers = [500, 'none', 204]
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const seeded = await failing()
    await pass(minute)
    await taken(1)
    await vi.waitFor(() => expect(warned.mock.calls.join('\n')).toContain('HTTP 500'))
    await abortAllDurableObjects()
    await pass(15_000)
    await taken(2)
    await vi.waitFor(() => expect(warned.mock.calls.join('\n')).toContain('No answer'))
    await pass(30_000)
    await taken(3)
    expect(new Set(posted.map((one) => one.message.id)).size).toBe(1)
    await pass(30_000)
    expect(posted).toHaveLength(3)
    expect(warned.mock.calls.join('\n')).not.toContain('as-good-as-a-key')
    expect((await status(s3Connection(seeded))).state).toBe('failing')
  })

  it('tells of a connection whose oldest delivery waits for too long', async () => {
    const seeded = await failing({ failing_minutes: 100 })
    await pass(3 * minute)
    await taken(1)
    expect(posted[0]!.message).toMatchObject({
      type: 'connection_lagging',
      connection: s3Connection(seeded),
    })
  })

  it('says nothing of a paused connection', async () => {
    const seeded = await failing()
    const id = s3Connection(seeded)
    const connection = (await (await admin(`/connections/${id}`)).json()) as object
    expect((await put(`/connections/${id}`, { ...connection, enabled: false })).status).toBe(200)
    await pass(4 * minute)
    expect(posted).toEqual([])
  })

  it('without a secret is not signed', async () => {
    await failing({ secret: undefined })
    await pass(minute)
    await taken(1)
    expect(posted[0]!.headers.has('x-weir-signature')).toBe(false)
  })

  it('that has gone is told nothing more', async () => {
    answers = [500]
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const seeded = await failing()
    await pass(minute)
    await taken(1)
    expect((await admin('/alerts/night', { method: 'DELETE' })).status).toBe(204)
    await pass(30_000)
    expect(posted).toHaveLength(1)
    const { health } = await runInDurableObject(outboxStub(seeded), (_, state) =>
      state.storage.sql.exec<{ health: string }>('SELECT health FROM meta').one()
    )
    expect(JSON.parse(health)).not.toHaveProperty('alerts')
  })
})

describe('a workspace', () => {
  it('keeps the secret of an alert, sealed and masked', async () => {
    await watched()
    const shown = (await (await admin('/alerts/night')).json()) as { secret: string }
    expect(shown).toEqual({
      id: 'night',
      url,
      secret: '********',
      failing_minutes: 1,
      lag_minutes: 3,
    })
    expect((await put('/alerts/night', { ...shown, lag_minutes: 2 })).status).toBe(200)
    const { file } = await env.WORKSPACE.getByName('workspace').current()
    const [stored] = JSON.parse(file).alerts as { secret: string }[]
    expect(stored?.secret).not.toContain(secret)
    expect(stored?.secret).not.toBe('********')
  })

  it.each([
    ['an address that is none', { url: 'nope' }, 'alerts.0.url'],
    ['a user in the address', { url: 'https://me:pass@alerts.example/' }, 'alerts.0.url'],
    ['another protocol', { url: 'ftp://alerts.example/' }, 'alerts.0.url'],
    ['a short secret', { url, secret: 'short' }, 'alerts.0.secret'],
    ['no time at all', { url, failing_minutes: 0 }, 'alerts.0.failing_minutes'],
    ['an unknown field', { url, colour: 'red' }, 'alerts.0.colour'],
  ])('refuses an alert with %s', async (_, alert, path) => {
    const saved = await put('/workspace', { alerts: [{ id: 'night', ...alert }] })
    expect(saved.status).toBe(422)
    const { errors } = (await saved.json()) as { errors: { path: string }[] }
    expect(errors.map((one) => one.path)).toEqual([path])
  })
})
