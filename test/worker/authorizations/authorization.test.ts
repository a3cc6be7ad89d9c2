import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TokenResult } from '../../../worker/authorizations/authorization'
import type { OAuthConfig } from '../../../worker/authorizations/oauth2'
import {
  byCredentials,
  clientSecret,
  issued,
  oauthConfig,
  scriptTokenServer,
  storeOutput,
  type TokenCall,
  tokenError,
} from '../../support/token-server'
import { moveClock } from '../../support/weir'

let id = ''
let logged: unknown[][] = []
const authorization = () => env.AUTHORIZATION.getByName(id)

const redirect_uri = 'https://weir.test/oauth/callback'
const byCode = oauthConfig()
const minuteMs = 60_000
const hourMs = 3_600_000

beforeEach(() => {
  id = `crm-${crypto.randomUUID()}`
  moveClock(0)
  logged = []
  for (const level of ['error', 'warn'] as const) {
    vi.spyOn(console, level).mockImplementation((...said) => logged.push(said))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const authorize = async (config: OAuthConfig = byCode) => {
  const { nonce } = await authorization().begin(config, redirect_uri)
  return authorization().exchange(config, { nonce, code: 'the-code-1' })
}

const tokenOf = (result: TokenResult): string | undefined => (result.ok ? result.token : undefined)

const token = async (config: OAuthConfig, refused?: string) =>
  tokenOf(await authorization().token(config, refused))

const outcome = async (config: OAuthConfig, refused?: string) => {
  const result = await authorization().token(config, refused)
  return result.ok ? undefined : result.outcome
}

const sent = (calls: TokenCall[]) =>
  calls.map(({ form }) => form.refresh_token ?? form.code ?? form.grant_type)

// Slow enough that whoever asks at the same time asks before the answer.
const slowly = async (answer: Response): Promise<Response> => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  return answer
}

const alarmMs = () => runInDurableObject(authorization(), (_, { storage }) => storage.getAlarm())

const rows = () =>
  runInDurableObject(authorization(), (_, { storage }) => JSON.stringify([...storage.kv.list()]))

describe('client credentials', () => {
  it('get a token at its first use, and keep it', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    const first = await authorization().token(byCredentials)
    expect(first).toEqual({ ok: true, token: 'access-token-1', expires_ms: Date.now() + hourMs })
    expect(await token(byCredentials)).toBe('access-token-1')
    await abortAllDurableObjects()
    expect(await token(byCredentials)).toBe('access-token-1')
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({
      url: 'https://login.example.com/token',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    })
  })

  it('are asked for once, however many want them', async () => {
    const calls = scriptTokenServer((_, count) => slowly(issued(count)))
    const all = await Promise.all(Array.from({ length: 20 }, () => token(byCredentials)))
    expect(new Set(all)).toEqual(new Set(['access-token-1']))
    expect(calls).toHaveLength(1)
  })

  it('that fail are not asked for by each who waits', async () => {
    const calls = scriptTokenServer(() => slowly(tokenError('server_error', 500)))
    const all = await Promise.all(Array.from({ length: 20 }, () => outcome(byCredentials)))
    expect(calls).toHaveLength(1)
    for (const one of all) {
      expect(one).toMatchObject({ kind: 'retry', reason: expect.stringContaining('HTTP 500') })
      expect(one).not.toHaveProperty('ownerMustAct')
    }
  })

  it('are asked for again and not refreshed, whatever came along', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    await token(byCredentials)
    moveClock(hourMs)
    expect(await token(byCredentials)).toBe('access-token-2')
    expect(sent(calls)).toEqual(['client_credentials', 'client_credentials'])
  })
})

describe('an authorization code', () => {
  it('is needed before there is a token', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    expect(await outcome(byCode)).toEqual({
      kind: 'retry',
      ownerMustAct: true,
      reason: 'The output is not authorized yet. Authorize it.',
    })
    expect(await authorization().status(byCode)).toMatchObject({ status: 'none' })
    expect(calls).toEqual([])
  })

  it('is exchanged for tokens, which stay', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    expect(await authorize()).toEqual({ ok: true })
    expect(calls[0]!.form).toEqual({
      client_id: 'weir-client',
      client_secret: clientSecret,
      grant_type: 'authorization_code',
      code: 'the-code-1',
      redirect_uri,
    })
    await abortAllDurableObjects()
    expect(await token(byCode)).toBe('access-token-1')
    const status = { status: 'authorized', expires_ms: Date.now() + hourMs, last_error: null }
    expect(await authorization().status(byCode)).toEqual(status)
  })

  it('that is refused leaves the tokens of before', async () => {
    scriptTokenServer((_, count) => (count === 2 ? tokenError('invalid_grant') : issued(count)))
    await authorize()
    const reason = expect.stringContaining('invalid_grant')
    expect(await authorize()).toEqual({ ok: false, reason })
    expect(await token(byCode)).toBe('access-token-1')
    expect(await authorization().status(byCode)).toMatchObject({ status: 'authorized' })
  })

  it('of a new authorization does not lend its refresh token to another', async () => {
    scriptTokenServer((_, count) => issued(count, count === 2 ? { refresh_token: undefined } : {}))
    await authorize()
    await authorize()
    moveClock(hourMs)
    expect(await outcome(byCode)).toMatchObject({ ownerMustAct: true })
  })

  it.each<[string, () => Promise<{ nonce: string; config?: OAuthConfig }>]>([
    ['unknown', async () => ({ nonce: crypto.randomUUID() })],
    ['the name of every object’s', async () => ({ nonce: 'constructor' })],
    [
      'used before',
      async () => {
        const { nonce } = await authorization().begin(byCode, redirect_uri)
        await authorization().exchange(byCode, { nonce, code: 'the-code-1' })
        await abortAllDurableObjects()
        return { nonce }
      },
    ],
    [
      'used before without a code',
      async () => {
        const { nonce } = await authorization().begin(byCode, redirect_uri)
        await authorization().exchange(byCode, { nonce, code: undefined })
        return { nonce }
      },
    ],
    [
      'too old',
      async () => {
        const { nonce } = await authorization().begin(byCode, redirect_uri)
        moveClock(15 * minuteMs)
        return { nonce }
      },
    ],
    [
      'of another client',
      async () => {
        const { nonce } = await authorization().begin(byCode, redirect_uri)
        return { nonce, config: oauthConfig({}, { client_id: 'other' }) }
      },
    ],
    [
      'forgotten',
      async () => {
        const { nonce } = await authorization().begin(byCode, redirect_uri)
        await authorization().forget()
        return { nonce }
      },
    ],
  ])('with a nonce that is %s is not even asked about', async (_, begin) => {
    const calls = scriptTokenServer((_, count) => issued(count))
    const { nonce, config = byCode } = await begin()
    const asked = calls.length
    const ended = await authorization().exchange(config, { nonce, code: 'stolen-code' })
    expect(ended).toMatchObject({ ok: false })
    expect(calls).toHaveLength(asked)
  })

  it('belongs to one of at most twenty authorizations under way', async () => {
    scriptTokenServer((_, count) => issued(count))
    const nonces = []
    for (let i = 0; i < 21; i++) {
      nonces.push((await authorization().begin(byCode, redirect_uri)).nonce)
    }
    const end = (nonce: string) => authorization().exchange(byCode, { nonce, code: 'c' })
    expect(await end(nonces[0]!)).toMatchObject({ ok: false })
    expect(await end(nonces[1]!)).toEqual({ ok: true })
    expect(await end(nonces[20]!)).toEqual({ ok: true })
  })
})

describe('a token that expires', () => {
  it('is refreshed ten minutes ahead by the alarm, over and over', async () => {
    await storeOutput(id, byCode)
    const calls = scriptTokenServer((_, count) => issued(count))
    await authorize()
    for (const count of [2, 3, 4]) {
      expect(await alarmMs()).toBe(Date.now() + 50 * minuteMs)
      moveClock(50 * minuteMs)
      await abortAllDurableObjects()
      await runDurableObjectAlarm(authorization())
      expect(await token(byCode)).toBe(`access-token-${count}`)
    }
    expect(sent(calls)).toEqual([
      'the-code-1',
      'refresh-token-1',
      'refresh-token-2',
      'refresh-token-3',
    ])
  })

  it('is let alone by an alarm that comes too early', async () => {
    await storeOutput(id, byCode)
    const calls = scriptTokenServer((_, count) => issued(count))
    await authorize()
    const due = await alarmMs()
    moveClock(50 * minuteMs - 1)
    await runDurableObjectAlarm(authorization())
    expect(calls).toHaveLength(1)
    expect(await alarmMs()).toBe(due)
  })

  it('is refreshed once for all who need it, when no alarm did', async () => {
    const calls = scriptTokenServer((_, count) => slowly(issued(count)))
    await authorize()
    moveClock(2 * hourMs)
    const all = await Promise.all(Array.from({ length: 20 }, () => token(byCode)))
    expect(new Set(all)).toEqual(new Set(['access-token-2']))
    expect(sent(calls)).toEqual(['the-code-1', 'refresh-token-1'])
  })

  it('keeps its refresh token when no other comes', async () => {
    const calls = scriptTokenServer((_, count) =>
      issued(count, count > 1 ? { refresh_token: undefined } : {})
    )
    await authorize()
    moveClock(hourMs)
    await token(byCode)
    moveClock(hourMs)
    expect(await token(byCode)).toBe('access-token-3')
    expect(sent(calls)).toEqual(['the-code-1', 'refresh-token-1', 'refresh-token-1'])
  })

  it('has stored its successor before anybody gets it', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    await authorize()
    moveClock(hourMs)
    expect(await token(byCode)).toBe('access-token-2')
    await abortAllDurableObjects()
    expect(await token(byCode)).toBe('access-token-2')
    moveClock(hourMs)
    await abortAllDurableObjects()
    expect(await token(byCode)).toBe('access-token-3')
    expect(sent(calls).at(-1)).toBe('refresh-token-2')
  })

  it('is refreshed after a death in between with what was stored', async () => {
    const calls = scriptTokenServer((_, count) =>
      count === 2 ? new Promise<never>(() => {}) : issued(count)
    )
    await authorize()
    moveClock(hourMs)
    const lost = authorization().token(byCode)
    void lost.catch(() => undefined)
    await vi.waitFor(() => expect(calls).toHaveLength(2))
    await abortAllDurableObjects()
    expect(await token(byCode)).toBe('access-token-3')
    expect(sent(calls)).toEqual(['the-code-1', 'refresh-token-1', 'refresh-token-1'])
  })

  it('lives as long as the integration registered, when the answer does not say', async () => {
    const config = oauthConfig({ default_expires_in: 1000 })
    scriptTokenServer((_, count) => issued(count, { expires_in: undefined }))
    await authorize(config)
    expect(await authorization().token(config)).toMatchObject({ expires_ms: Date.now() + 1e6 })
  })

  it('by nobody’s account is kept for good', async () => {
    const calls = scriptTokenServer((_, count) => issued(count, { expires_in: undefined }))
    await authorize()
    moveClock(1000 * hourMs)
    expect(await authorization().token(byCode)).toMatchObject({ ok: true, expires_ms: null })
    expect(await alarmMs()).toBeNull()
    expect(calls).toHaveLength(1)
  })

  it('and cannot be refreshed is used to its end; then its owner must act', async () => {
    scriptTokenServer((_, count) => issued(count, { refresh_token: undefined }))
    await authorize()
    moveClock(hourMs - 1)
    expect(await token(byCode)).toBe('access-token-1')
    moveClock(1)
    expect(await outcome(byCode)).toMatchObject({ kind: 'retry', ownerMustAct: true })
    expect(await authorization().status(byCode)).toMatchObject({
      status: 'failing',
      last_error: { at_ms: Date.now(), reason: expect.stringContaining('expired') },
    })
  })
})

describe('a token that the integration refused', () => {
  it('is refreshed, at most once a minute', async () => {
    const calls = scriptTokenServer((_, count) => slowly(issued(count)))
    await authorize()
    moveClock(2 * minuteMs)
    const all = await Promise.all([1, 2, 3].map(() => token(byCode, 'access-token-1')))
    expect(all).toEqual(['access-token-2', 'access-token-2', 'access-token-2'])
    moveClock(minuteMs - 1)
    expect(await outcome(byCode, 'access-token-2')).toMatchObject({ kind: 'retry', afterMs: 1 })
    expect(await token(byCode)).toBe('access-token-2')
    expect(calls).toHaveLength(2)
    moveClock(1)
    expect(await token(byCode, 'access-token-2')).toBe('access-token-3')
  })

  it('and was replaced since is of no interest', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    await authorize()
    moveClock(2 * minuteMs)
    expect(await token(byCode, 'access-token-0')).toBe('access-token-1')
    expect(calls).toHaveLength(1)
  })

  it('is not handed out while its refresh fails', async () => {
    scriptTokenServer((_, count) => (count === 2 ? tokenError('x', 503) : issued(count)))
    await authorize()
    moveClock(2 * minuteMs)
    expect(await outcome(byCode, 'access-token-1')).toMatchObject({ kind: 'retry' })
    expect(await outcome(byCode, 'access-token-1')).toMatchObject({ kind: 'retry' })
    moveClock(minuteMs)
    expect(await token(byCode, 'access-token-1')).toBe('access-token-3')
  })

  it('and cannot be refreshed needs its owner', async () => {
    scriptTokenServer((_, count) => issued(count, { refresh_token: undefined }))
    await authorize()
    moveClock(2 * minuteMs)
    expect(await outcome(byCode, 'access-token-1')).toMatchObject({
      ownerMustAct: true,
      reason: expect.stringContaining('refused'),
    })
  })
})

describe('a refresh that fails', () => {
  it('leaves the token that is good meanwhile, and comes later', async () => {
    await storeOutput(id, byCode)
    const calls = scriptTokenServer((_, count) =>
      count === 2 ? tokenError('x', 500) : issued(count)
    )
    await authorize()
    moveClock(50 * minuteMs)
    expect(await token(byCode)).toBe('access-token-1')
    expect(await token(byCode)).toBe('access-token-1')
    expect(calls).toHaveLength(2)
    expect(await authorization().status(byCode)).toMatchObject({
      status: 'authorized',
      last_error: { at_ms: Date.now(), reason: expect.stringContaining('HTTP 500') },
    })
    const wait = (await alarmMs())! - Date.now()
    expect(wait).toBeGreaterThanOrEqual(1000)
    expect(wait).toBeLessThanOrEqual(2000)
    moveClock(2000)
    await runDurableObjectAlarm(authorization())
    expect(await token(byCode)).toBe('access-token-3')
    expect(await authorization().status(byCode)).toMatchObject({ last_error: null })
  })

  it('says after the token’s end how long to wait', async () => {
    const busy = () => new Response(null, { status: 429, headers: { 'retry-after': '600' } })
    const calls = scriptTokenServer((_, count) => (count === 2 ? busy() : issued(count)))
    await authorize()
    moveClock(hourMs)
    expect(await outcome(byCode)).toMatchObject({ kind: 'retry', afterMs: 600_000 })
    moveClock(599_000)
    expect(await outcome(byCode)).toMatchObject({ kind: 'retry', afterMs: 1000 })
    expect(await authorization().status(byCode)).toMatchObject({ status: 'failing' })
    expect(calls).toHaveLength(2)
    moveClock(1000)
    expect(await token(byCode)).toBe('access-token-3')
  })

  it.each(['invalid_grant', 'invalid_client', 'unauthorized_client'])(
    'for %s waits for its owner, without an alarm',
    async (error) => {
      await storeOutput(id, byCode)
      const calls = scriptTokenServer((_, count) => (count > 1 ? tokenError(error) : issued(count)))
      await authorize()
      moveClock(50 * minuteMs)
      await runDurableObjectAlarm(authorization())
      expect(await alarmMs()).toBeNull()
      expect(await token(byCode)).toBe('access-token-1')
      expect(await authorization().status(byCode)).toMatchObject({
        status: 'failing',
        last_error: { reason: expect.stringContaining(error) },
      })
      moveClock(10 * minuteMs)
      expect(await outcome(byCode)).toMatchObject({ kind: 'retry', ownerMustAct: true })
      moveClock(15 * minuteMs)
      await outcome(byCode)
      expect(calls.length).toBeLessThanOrEqual(4)
    }
  )

  it('is given up by the alarm after some hours, and not by who needs a token', async () => {
    await storeOutput(id, byCode)
    let isDown = true
    const calls = scriptTokenServer((_, count) =>
      count > 1 && isDown ? tokenError('x', 503) : issued(count)
    )
    await authorize()
    const begun = Date.now()
    for (let at = await alarmMs(); at !== null; at = await alarmMs()) {
      moveClock(at - Date.now())
      await runDurableObjectAlarm(authorization())
    }
    expect(calls).toHaveLength(21)
    expect(Date.now() - begun).toBeLessThan(5 * hourMs)
    isDown = false
    moveClock(hourMs)
    expect(await token(byCode)).toBe('access-token-22')
    expect(await alarmMs()).not.toBeNull()
  })

  it('is tried at once with another secret, and the tokens stay', async () => {
    const calls = scriptTokenServer((_, count) =>
      count === 2 ? tokenError('invalid_client', 401) : issued(count)
    )
    await authorize()
    moveClock(hourMs)
    expect(await outcome(byCode)).toMatchObject({ ownerMustAct: true })
    const mended = { ...byCode, client_secret: 'another-secret-value' }
    expect(await token(mended)).toBe('access-token-3')
    expect(calls[2]!.form).toMatchObject({
      refresh_token: 'refresh-token-1',
      client_secret: 'another-secret-value',
    })
  })

  it.each<[string, () => Response | Promise<Response>, RegExp]>([
    ['leads elsewhere', () => Response.redirect('https://evil.example/', 307), /HTTP 307/],
    ['is endless', () => new Response('x'.repeat(65_537)), /more than 65536 bytes/],
    ['never comes', () => Promise.reject(new Error('connection lost')), /connection lost/],
    ['is a page', () => new Response('<html>'), /without an access token/],
  ])('because the answer %s is a failure like others', async (_, answer, reason) => {
    const calls = scriptTokenServer((_, count) => (count === 1 ? answer() : issued(count)))
    expect(await outcome(byCredentials)).toMatchObject({
      kind: 'retry',
      reason: expect.stringMatching(reason),
    })
    expect(calls).toHaveLength(1)
    expect(await authorization().status(byCredentials)).toMatchObject({ status: 'failing' })
    moveClock(15 * minuteMs)
    expect(await token(byCredentials)).toBe('access-token-2')
  })

  it('is repeated at once when its owner asks for that', async () => {
    scriptTokenServer((_, count) => (count === 1 ? tokenError('invalid_client') : issued(count)))
    expect(await outcome(byCredentials)).toMatchObject({ ownerMustAct: true })
    expect(await authorization().renew(byCredentials)).toMatchObject({ token: 'access-token-2' })
  })

  it('of a configuration that cannot work says so without a request', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    const config = { ...byCredentials, client_id: '' }
    expect(await outcome(config)).toMatchObject({
      ownerMustAct: true,
      reason: expect.stringContaining('oauth_client_id'),
    })
    expect(calls).toEqual([])
  })
})

describe('the tokens of an output', () => {
  it.each([
    ['token_url', oauthConfig({ token_url: 'https://other.example.com/token' })],
    ['refresh_url', oauthConfig({ refresh_url: 'https://other.example.com/refresh' })],
    ['authorization_url', oauthConfig({ authorization_url: 'https://other.example.com/' })],
    ['client_id', oauthConfig({}, { client_id: 'other' })],
  ])('are not used once its %s is another one', async (_, changed) => {
    const calls = scriptTokenServer((_, count) => issued(count))
    await authorize()
    expect(await outcome(changed)).toMatchObject({ ownerMustAct: true })
    moveClock(hourMs)
    expect(await outcome(changed)).toMatchObject({ ownerMustAct: true })
    expect(await authorization().status(changed)).toMatchObject({ status: 'none' })
    expect(calls).toHaveLength(1)
  })

  it('are another one’s for client credentials', async () => {
    scriptTokenServer((_, count) => issued(count))
    expect(await token(byCredentials)).toBe('access-token-1')
    expect(await token({ ...byCredentials, client_id: 'other' })).toBe('access-token-2')
  })

  it('stay when only words are changed', async () => {
    scriptTokenServer((_, count) => issued(count))
    await authorize()
    const scopes = [{ name: 'events', description: 'Said otherwise' }]
    expect(await token(oauthConfig({ scopes, default_expires_in: 5 }))).toBe('access-token-1')
  })

  it('are another output’s nowhere', async () => {
    scriptTokenServer((_, count) => issued(count))
    await authorize()
    id = `${id}-other`
    expect(await outcome(byCode)).toMatchObject({ ownerMustAct: true })
  })

  it('are forgotten with their alarm', async () => {
    scriptTokenServer((_, count) => issued(count))
    await authorize()
    await authorization().forget()
    expect(await outcome(byCode)).toMatchObject({ ownerMustAct: true })
    expect(await alarmMs()).toBeNull()
    expect(await rows()).toBe('[]')
  })

  it('are forgotten by the alarm when the output is gone', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    await authorize()
    await storeOutput('another', byCode)
    moveClock(50 * minuteMs)
    await abortAllDurableObjects()
    await runDurableObjectAlarm(authorization())
    expect(await rows()).toBe('[]')
    expect(await alarmMs()).toBeNull()
    expect(calls).toHaveLength(1)
  })

  it('lie sealed, and stand in no log and no status', async () => {
    await storeOutput(id, byCode)
    const echo = ({ form }: TokenCall) =>
      tokenError('invalid_grant', 400, `${form.refresh_token} of ${form.client_secret}`)
    scriptTokenServer((call, count) => (count > 2 ? echo(call) : issued(count)))
    await authorize()
    moveClock(hourMs)
    await token(byCode)
    moveClock(hourMs)
    await runDurableObjectAlarm(authorization())
    const result = await authorization().token(byCode)
    const { nonce } = await authorization().begin(byCode, redirect_uri)
    const ended = await authorization().exchange(byCode, { nonce, code: 'the-code-1' })
    const status = await authorization().status(byCode)
    expect(JSON.stringify(logged)).toContain('invalid_grant')
    const stored = await rows()
    expect(stored).toContain('sealed:1:')
    const shown = JSON.stringify([result, ended, status, logged])
    for (const secret of ['access-token', 'refresh-token', clientSecret, 'the-code']) {
      expect(stored).not.toContain(secret)
      expect(shown).not.toContain(secret)
    }
  })
})
