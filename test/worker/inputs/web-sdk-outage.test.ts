import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Workspace } from '../../../worker/config/workspace'
import { mpidOf } from '../../../worker/dialects/mpid'
import { request } from '../../support/weir'

// In a file of its own: an isolate that once knew the workspace goes on with what it knew.

beforeEach(() => {
  for (const level of ['warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation(() => undefined)
  }
})
afterEach(() => {
  vi.restoreAllMocks()
})

const stamp = 'e4c07f48-7aff-48a2-b5fa-891bef04778e'
const known = (identities: object = {}) => ({
  known_identities: { device_application_stamp: stamp, ...identities },
})

const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  request(`/identity/v1/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'x-mp-key': 'some-key', ...headers },
  })

const fails = () =>
  vi.spyOn(Workspace.prototype, 'current').mockImplementation(() => {
    throw new Error('Durable Object storage is not available.')
  })

const mpid = (batch: object) => mpidOf({ ...batch }, () => 'test-identity-key')

describe('while the workspace cannot be read', () => {
  it.each(['identify', 'login', 'logout', 'search'])('%s answers with the mpid', async (method) => {
    const current = fails()
    const device = await ask(method, known())
    expect(device.status).toBe(200)
    expect(device.headers.get('access-control-allow-origin')).toBe('*')
    expect(await device.json()).toMatchObject({
      mpid: await mpid({ mp_deviceid: stamp }),
      is_logged_in: false,
    })
    const signed = { authorization: `Basic ${btoa('some-key:secret')}`, 'x-mp-key': '' }
    const user = await ask(method, known({ customerid: 'c-1' }), signed)
    expect(await user.json()).toMatchObject({
      mpid: await mpid({ user_identities: { customer_id: 'c-1' } }),
      is_logged_in: true,
    })
    expect(current).toHaveBeenCalled()
  })

  it('modify answers, and bad requests are told so', async () => {
    fails()
    expect((await ask('7/modify', { identity_changes: [] })).status).toBe(200)
    expect((await ask('0/modify', { identity_changes: [] })).status).toBe(400)
    expect((await ask('identify', {})).status).toBe(400)
    expect((await ask('identify', 'x'.repeat(300_000))).status).toBe(413)
  })

  it('the SDK is configured as by default, which no browser keeps', async () => {
    fails()
    const answer = await request('/tags/JS/v2/some-key/config?env=1')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({
      workspaceToken: expect.stringMatching(/^[\dA-F]{16}$/),
      flags: { eventBatchingIntervalMillis: '5000' },
    })
  })

  it('events and aliases are told to come again, so that pages may read it', async () => {
    fails()
    const statuses = [
      ['/webevents/v3/JS/some-key/events', 503],
      ['/webevents/v1/identity/some-key/Alias', 503],
      ['/webevents/v1/JS/some-key/Forwarding', 202],
    ] as const
    for (const [path, status] of statuses) {
      const answer = await request(path, { method: 'POST', body: '{}' })
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
        status,
        '*',
      ])
    }
  })
})

it('does not wait long for a workspace that is silent', async () => {
  const silent = new Promise<never>(() => undefined)
  vi.spyOn(Workspace.prototype, 'current').mockImplementation(() => silent as never)
  expect((await ask('identify', known())).status).toBe(200)
})
