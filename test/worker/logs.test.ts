import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, log } from '../../worker/base/log'
import { gate } from '../support/gate-client'
import { seedIntegration } from '../support/integration'
import {
  admin,
  batchOf,
  keys,
  passFile,
  passWindow,
  put,
  request,
  seed,
  upload,
} from '../support/weir'

let lines: string[]

const alice = 'alice@example.com'
const mpid = '7000000000001000004'

beforeEach(async () => {
  lines = []
  await gate.faults([])
  for (const level of ['info', 'warn', 'error', 'log', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((...said) => void lines.push(said.join(' ')))
  }
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

/** What logs.md allows beside the level and the message. */
const fields = new Set([
  ...['level', 'message', 'outbox', 'connection', 'output', 'alert', 'route', 'state'],
  ...['attempts', 'attempt', 'reason', 'error', 'stack', 'shards', 'hand_offs'],
])

const expectClean = (secrets: string[]): void => {
  expect(lines).not.toEqual([])
  const strange = parsed().flatMap((line) => Object.keys(line).filter((name) => !fields.has(name)))
  expect(strange).toEqual([])
  for (const one of secrets) expect(lines.join('\n')).not.toContain(one)
}

describe('log lines hold nothing of anybody', () => {
  it('when an integration quotes what it was sent', async () => {
    const answers = [
      { match: { contains: '"events":[{' }, status: 400, body: `${alice} (sk-secret) is unknown` },
    ]
    const { key } = await seedIntegration({ script: { answers } })
    for (let i = 0; i < 12; i++) {
      await upload(key, batchOf([`event ${i}`], { user_identities: { email: alice } }))
    }
    await vi.waitFor(
      async () => {
        await passWindow()
        await passFile()
        expect(parsed().map((line) => line.message)).toContain('The connection is suspended.')
      },
      { timeout: 15_000, interval: 50 }
    )
    expectClean([alice, 'sk-secret', mpid, 'integration-token'])
  })

  it('when an output refuses', async () => {
    const { key, bucket } = await seed({ sqs: false })
    await gate.faults([{ match: { bucket }, fault: 'forbidden' }])
    await upload(key, batchOf(['one'], { user_identities: { email: alice } }))
    await passWindow()
    await passFile()
    expect(parsed()).toContainEqual(
      expect.objectContaining({ state: 'failing', reason: 'HTTP 403 AccessDenied' })
    )
    expectClean([alice, mpid, keys.secret_access_key, keys.access_key_id])
  })

  it('when storage fails under what somebody asks for', async () => {
    const { key } = await seed()
    await upload(key, batchOf(['one'], { user_identities: { email: alice } }))
    const workspace = env.WORKSPACE.getByName('workspace')
    await runInDurableObject(workspace, (_, { storage }) => {
      storage.sql.exec(
        'INSERT INTO versions (version, at_ms, file) VALUES (1000000, 1, ?)',
        `{"${alice}`
      )
    })
    const answers = await Promise.all([admin('/workspace'), admin(`/connections/${mpid}/status`)])
    expect(answers.map((one) => one.status)).toEqual([500, 500])
    for (const one of answers) expect(await one.text()).not.toContain(alice)
    await runInDurableObject(workspace, (_, { storage }) => {
      storage.sql.exec('DELETE FROM versions WHERE version = 1000000')
    })
    expect(parsed()).toContainEqual(
      expect.objectContaining({ route: '/admin/v1/connections/:id/status' })
    )
    expectClean([alice, mpid])
  })

  it('when an alert is not taken', async () => {
    await seed()
    const url = 'http://127.0.0.1:1/hook?key=as-good-as-a-key'
    expect((await put('/alerts/night', { url, secret: 'webhook-secret' })).ok).toBe(true)
    log('warn', 'A line.', failure(new SyntaxError(`Unexpected token in "${alice}"`)))
    expectClean([alice, 'as-good-as-a-key', 'webhook-secret'])
  })

  it('when strangers send what they like', async () => {
    const { key } = await seed()
    const evil = '"}\n{"level":"error","message":"forged"}'
    await upload(key, `${alice} ${evil}`)
    await upload(`${key}-${encodeURIComponent(evil)}`, alice)
    await request(`/identity/v1/${mpid}/modify`, { method: 'POST', body: evil })
    await request('/v2/events', { method: 'POST', headers: { authorization: 'Basic x' } })
    await request(`/admin/v1/${encodeURIComponent(evil)}`, {
      headers: { authorization: `Bearer ${alice}` },
    })
    log('info', 'A line.', { reason: evil })
    for (const line of lines) expect(line).not.toContain('\n')
    expect(parsed().filter((line) => line.message === 'forged')).toEqual([])
    expectClean([alice, mpid])
  })
})

describe('a failure', () => {
  it('tells where it happened, and its message once', () => {
    const told = failure(new RangeError('too far'))
    expect(told.error).toBe('RangeError: too far')
    expect(told.stack).toMatch(/^\s+at /)
    expect(told.stack).not.toContain('too far')
  })

  it('never tells what a parser quotes', () => {
    let thrown: unknown
    try {
      JSON.parse(`{"email":${alice}`)
    } catch (error) {
      thrown = error
    }
    expect(JSON.stringify(failure(thrown))).not.toContain('alice')
    expect(failure(thrown).error).toBe('SyntaxError: A text could not be parsed.')
  })

  it('tells little of what is no error', () => {
    expect(failure('a sentence')).toEqual({ error: 'a sentence' })
    expect(failure({ email: alice })).toEqual({ error: 'Something was thrown that is no error.' })
  })
})
