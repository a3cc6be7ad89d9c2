import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OAuthConfig } from '../../../worker/authorizations/oauth2'
import { writeState } from '../../../worker/authorizations/state'
import {
  byCredentials,
  clientSecret,
  issued,
  oauthConfig,
  scriptTokenServer,
  storeOutput,
  tokenError,
} from '../../support/token-server'
import { admin, moveClock, request } from '../../support/weir'

const byCode = oauthConfig()
let id = ''
const path = () => `/outputs/${id}/authorization`

beforeEach(async () => {
  id = `crm-${crypto.randomUUID()}`
  moveClock(0)
  await storeOutput(id, byCode)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const get = async () => (await admin(path())).json<Record<string, unknown>>()
const post = () => admin(path(), { method: 'POST' })

const begin = async (): Promise<URL> => {
  const { authorization_url } = await (await post()).json<{ authorization_url: string }>()
  return new URL(authorization_url)
}

const beginState = async () => (await begin()).searchParams.get('state') ?? ''

const callback = (parameters: Record<string, string>) =>
  request(`/oauth/callback?${new URLSearchParams(parameters)}`)

const tokenOf = (config: OAuthConfig) => env.AUTHORIZATION.getByName(id).token(config)

describe('an output of an integration that asks for an authorization code', () => {
  const redirect_uri = 'https://weir.test/oauth/callback'
  const grant = { grant_type: 'authorization_code', redirect_uri }

  it('is not authorized at first', async () => {
    const answer = { status: 'none', expires_ms: null, last_error: null, ...grant }
    expect(await get()).toEqual(answer)
  })

  it('gives the address where its owner lets weir in', async () => {
    const answer = await post()
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const body = await answer.json<{ authorization_url: string }>()
    const expires_ms = Date.now() + 900_000
    expect(body).toMatchObject({ redirect_uri, expires_ms })
    const url = new URL(body.authorization_url)
    expect(url.origin + url.pathname).toBe('https://login.example.com/authorize')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: 'a',
      client_id: 'weir-client',
      response_type: 'code',
      redirect_uri,
      state: expect.stringContaining(id),
    })
  })

  it('leads back to the path below which the worker was asked', async () => {
    const base = vi.spyOn(env, 'BASE_PATH', 'get').mockReturnValue('/hello')
    const init = { method: 'POST', headers: { authorization: 'Bearer test-admin-token' } }
    const answer = await request(`/hello/admin/v1${path()}`, init)
    const { redirect_uri: below } = await answer.json<{ redirect_uri: string }>()
    expect(below).toBe('https://weir.test/hello/oauth/callback')
    expect(await (await post()).json()).toMatchObject({ redirect_uri })
    base.mockRestore()
  })

  it('is authorized once its owner comes back, and tells so', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    const page = await callback({ state: await beginState(), code: 'the-code-1' })
    expect(page.status).toBe(200)
    const html = await page.text()
    expect(html).toContain('<h1>weir is connected to Acme &lt;b&gt;&amp; Co&lt;/b&gt;</h1>')
    expect(calls[0]!.form).toMatchObject({ code: 'the-code-1', redirect_uri })
    expect(await get()).toEqual({
      status: 'authorized',
      expires_ms: Date.now() + 3_600_000,
      last_error: null,
      ...grant,
    })
    expect(await tokenOf(byCode)).toMatchObject({ ok: true, token: 'access-token-1' })
  })

  it('is answered with a page that loads, runs and keeps nothing', async () => {
    const page = await callback({ state: 'x', code: 'y' })
    const html = await page.text()
    const policy = page.headers.get('content-security-policy') ?? ''
    const nonce = /style-src 'nonce-([\w-]{36})'/.exec(policy)?.[1]
    expect(html).toContain(`<style nonce="${nonce}">`)
    expect(policy).toMatch(/^default-src 'none';/)
    expect(policy).not.toMatch(/unsafe|script-src/)
    expect(html).not.toMatch(/<script|src=|href=|\bon\w+=/i)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  })

  const forged: [string, () => Promise<Record<string, string>>][] = [
    ['no state', async () => ({})],
    [
      'a state that somebody made up',
      async () => ({
        state: await writeState({ output: id, nonce: 'n', expires_ms: Date.now() + 9e5 }, 'guess'),
      }),
    ],
    [
      'a state that no authorization was begun with',
      async () => ({
        state: await writeState(
          { output: id, nonce: 'n', expires_ms: Date.now() + 9e5 },
          'test-config-key'
        ),
      }),
    ],
    [
      'a state that was used',
      async () => {
        const state = await beginState()
        await callback({ state, error: 'access_denied' })
        return { state }
      },
    ],
    [
      'a state that has expired',
      async () => {
        const state = await beginState()
        moveClock(900_000)
        return { state }
      },
    ],
    [
      'a state of an output that is gone',
      async () => {
        const state = await beginState()
        await storeOutput('another', byCode)
        return { state }
      },
    ],
    [
      'a state of an output whose client is another one by now',
      async () => {
        const state = await beginState()
        await storeOutput(id, byCode, { oauth_client_id: 'other' })
        return { state }
      },
    ],
    [
      'a state of an authorization that was forgotten',
      async () => {
        const state = await beginState()
        await admin(path(), { method: 'DELETE' })
        return { state }
      },
    ],
  ]
  it.each(forged)('is not authorized by %s', async (_, make) => {
    const calls = scriptTokenServer((_, count) => issued(count))
    const page = await callback({ ...(await make()), code: 'stolen-code' })
    expect(page.status).toBe(400)
    expect(await page.text()).toContain('<h1>weir is not connected</h1>')
    expect(calls).toEqual([])
  })

  it.each<[Record<string, string>, string]>([
    [{ error: 'access_denied' }, 'access_denied'],
    [
      { error: 'access_denied', error_description: '<img src=x onerror=alert(1)>' },
      'access_denied: &lt;img src=x onerror=alert(1)&gt;',
    ],
    [{ error: '"><script>', error_description: '' }, 'No authorization code came back.'],
    [{ error: 'access_denied', code: 'the-code-1' }, 'access_denied'],
    [{ code: '' }, 'No authorization code came back.'],
    [{}, 'No authorization code came back.'],
  ])('is not authorized by %j, and its owner learns why', async (parameters, words) => {
    const calls = scriptTokenServer((_, count) => issued(count))
    const page = await callback({ state: await beginState(), ...parameters })
    expect(page.status).toBe(400)
    expect(await page.text()).toContain(words)
    expect(calls).toEqual([])
    expect(await get()).toMatchObject({ status: 'none' })
  })

  it('is not authorized when the code is refused, and the page keeps secrets', async () => {
    scriptTokenServer(({ form }) => tokenError('invalid_grant', 400, `bad ${form.client_secret}`))
    const page = await callback({ state: await beginState(), code: 'the-code-1' })
    expect(page.status).toBe(400)
    const html = await page.text()
    expect(html).toContain('HTTP 400, invalid_grant')
    for (const secret of [clientSecret, 'the-code-1']) expect(html).not.toContain(secret)
  })

  it('forgets its tokens when asked to', async () => {
    scriptTokenServer((_, count) => issued(count))
    await callback({ state: await beginState(), code: 'the-code-1' })
    expect(await get()).toMatchObject({ status: 'authorized' })
    expect((await admin(path(), { method: 'DELETE' })).status).toBe(204)
    expect(await get()).toMatchObject({ status: 'none', expires_ms: null })
    expect(await tokenOf(byCode)).toMatchObject({ ok: false })
  })

  it('takes the client id of its registration when it has none of its own', async () => {
    const registered = oauthConfig({ client_id: 'registered-client' })
    await storeOutput(id, registered, { oauth_client_id: '' })
    expect((await begin()).searchParams.get('client_id')).toBe('registered-client')
  })

  it('without a client id says what to set', async () => {
    await storeOutput(id, byCode, { oauth_client_id: '' })
    const answer = await post()
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('oauth_client_id')
  })
})

describe('an output of an integration that takes client credentials', () => {
  beforeEach(() => storeOutput(id, byCredentials))

  it('gets its token at once', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    const answer = await post()
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(JSON.parse(text)).toEqual({
      status: 'authorized',
      expires_ms: Date.now() + 3_600_000,
      last_error: null,
      grant_type: 'client_credentials',
    })
    expect(calls).toHaveLength(1)
    for (const secret of [clientSecret, 'access-token', 'refresh-token']) {
      expect(text).not.toContain(secret)
    }
    expect(JSON.stringify(await get())).toBe(text)
  })

  it('says why it gets none, and tries again as soon as it is asked', async () => {
    const calls = scriptTokenServer((_, count) =>
      count === 1 ? tokenError('invalid_client', 401, `not ${clientSecret}`) : issued(count)
    )
    const answer = await post()
    expect(answer.status).toBe(422)
    const message = 'The token server answered HTTP 401, invalid_client.'
    expect(await answer.json()).toEqual({
      errors: [{ code: 'authorization_failed', path: `outputs.${id}`, message }],
    })
    const last_error = { at_ms: Date.now(), reason: message }
    expect(await get()).toMatchObject({ status: 'failing', last_error })
    expect((await post()).status).toBe(200)
    expect(calls).toHaveLength(2)
  })
})

describe('an output that needs no authorization', () => {
  beforeEach(() => storeOutput(id, {}))

  it('says so', async () => {
    expect(await get()).toEqual({ status: 'not_needed' })
    expect((await post()).status).toBe(422)
    expect((await admin(path(), { method: 'DELETE' })).status).toBe(204)
  })
})

describe('the routes of authorizations', () => {
  it.each(['GET', 'POST', 'DELETE'])('by %s know no output that is not there', async (method) => {
    expect((await admin('/outputs/nobody/authorization', { method })).status).toBe(404)
  })

  it.each(['GET', 'POST', 'DELETE'])('by %s are the admin’s', async (method) => {
    expect((await request(`/admin/v1${path()}`, { method })).status).toBe(401)
  })
})
