import { describe, expect, it } from 'vitest'
import {
  authorizationUrl,
  configProblem,
  type Grant,
  type OAuthConfig,
  tokenRequest,
} from '../../../worker/authorizations/oauth2'
import { dueMs, isDue, nextGrant, tokensOf } from '../../../worker/authorizations/tokens'
import { byCredentials, clientSecret, oauthConfig } from '../../support/token-server'

const redirect_uri = 'https://weir.test/oauth/callback'

const scopes = [
  { name: 'events.write', description: 'Writes events' },
  { name: 'users', description: 'Reads & writes users' },
]
const renamed = { param_client_id_name: 'app', param_secret_name: 'app_key' }

describe('the address that an owner is sent to', () => {
  const asked = { response_type: 'code', redirect_uri, state: 's/1' }

  it.each<[Parameters<typeof oauthConfig>[0], Record<string, string>]>([
    [{}, { tenant: 'a', client_id: 'weir-client', ...asked }],
    [renamed, { tenant: 'a', app: 'weir-client', ...asked }],
    [{ scopes }, { tenant: 'a', client_id: 'weir-client', ...asked, scope: 'events.write users' }],
    [
      { authorization_url: 'https://a.example/x?client_id=theirs#top' },
      { client_id: 'weir-client', ...asked },
    ],
  ])('with %j names the client, the callback and the scopes', (fields, parameters) => {
    const url = new URL(authorizationUrl(oauthConfig(fields), { redirect_uri, state: 's/1' }))
    expect(Object.fromEntries(url.searchParams)).toEqual(parameters)
    expect(url.hash).toBe('')
    expect(url.href).not.toContain(clientSecret)
  })
})

describe('a request for tokens', () => {
  const client = { client_id: 'weir-client', client_secret: clientSecret }
  const code: Grant = { grant_type: 'authorization_code', code: 'the code+1', redirect_uri }
  const refresh: Grant = { grant_type: 'refresh_token', refresh_token: 'r&1' }
  const credentials: Grant = { grant_type: 'client_credentials' }
  const token_url = 'https://login.example.com/token'
  const refresh_url = 'https://login.example.com/refresh'

  it.each<[string, OAuthConfig, Grant, string, Record<string, string>]>([
    ['a code', oauthConfig({ refresh_url, scopes }), code, token_url, { ...client, ...code }],
    ['a refresh token', oauthConfig(), refresh, token_url, { ...client, ...refresh }],
    [
      'a refresh URL',
      oauthConfig({ refresh_url, scopes }),
      refresh,
      refresh_url,
      { ...client, ...refresh },
    ],
    ['credentials', byCredentials, credentials, token_url, { ...client, ...credentials }],
    [
      'credentials and scopes',
      oauthConfig({ scopes, refresh_url }),
      credentials,
      token_url,
      { ...client, ...credentials, scope: 'events.write users' },
    ],
    [
      'names of its own',
      oauthConfig(renamed),
      refresh,
      token_url,
      { app: 'weir-client', app_key: clientSecret, ...refresh },
    ],
    [
      'no secret',
      oauthConfig({}, { client_secret: undefined }),
      refresh,
      token_url,
      { client_id: 'weir-client', ...refresh },
    ],
  ])('with %s is a form with what the server needs', (_, config, grant, url, form) => {
    const request = tokenRequest(config, grant)
    expect(request.url).toBe(url)
    expect(Object.fromEntries(new URLSearchParams(request.body))).toEqual(form)
  })

  it.each<[Grant, string[]]>([
    [code, [clientSecret, 'the code+1']],
    [refresh, [clientSecret, 'r&1']],
    [credentials, [clientSecret]],
  ])('of %j says which of it is secret', (grant, secrets) => {
    expect(tokenRequest(oauthConfig(), grant).secrets).toEqual(secrets)
  })
})

describe('a configuration', () => {
  const http = 'http://login.example.com/token'

  it.each<[string, OAuthConfig, boolean, RegExp | undefined]>([
    ['https', oauthConfig(), false, undefined],
    ['no client id', oauthConfig({}, { client_id: '' }), true, /oauth_client_id/],
    ['a token_url by http', oauthConfig({ token_url: http }), false, /token_url/],
    ['a token_url by http, allowed', oauthConfig({ token_url: http }), true, undefined],
    ['a refresh_url by http', oauthConfig({ refresh_url: http }), false, /refresh_url/],
    [
      'an authorization_url that is a script',
      oauthConfig({ authorization_url: 'javascript:alert(1)' }),
      true,
      /authorization_url/,
    ],
    ['a token_url that is none', oauthConfig({ token_url: '/token' }), true, /token_url/],
    [
      'a user in its token_url',
      oauthConfig({ token_url: 'https://me:pass@login.example.com/' }),
      true,
      /token_url/,
    ],
    [
      'an authorization_url that it never needs',
      oauthConfig({ grant_type: 'client_credentials', authorization_url: '' }),
      false,
      undefined,
    ],
  ])('with %s is judged rightly', (_, config, allowsHttp, problem) => {
    const found = configProblem(config, allowsHttp)
    if (problem) expect(found).toMatch(problem)
    else expect(found).toBeUndefined()
  })
})

describe('tokens', () => {
  const times = (lifetimeS: number | undefined) =>
    tokensOf(
      {
        access_token: 'a',
        refresh_token: undefined,
        lifetimeMs: lifetimeS === undefined ? undefined : lifetimeS * 1000,
      },
      1_000_000,
      undefined
    )

  it.each([
    [86_400, 86_400 - 600],
    [3600, 3000],
    [3000, 2400],
    [100, 80],
    [1, 0.8],
  ])('that live %d s are due after %d s', (lifetimeS, dueS) => {
    const due = 1_000_000 + dueS * 1000
    expect(dueMs(times(lifetimeS))).toBe(due)
    expect(isDue(times(lifetimeS), due - 1)).toBe(false)
    expect(isDue(times(lifetimeS), due)).toBe(true)
  })

  it('that nobody says expire are never due', () => {
    expect(isDue(times(undefined), Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  it('keep their refresh token until another one comes', () => {
    const [asked_ms, lifetimeMs] = [1000, 5000]
    const before = { access_token: 'a', refresh_token: 'r', obtained_ms: 0, expires_ms: 1 }
    const same = tokensOf(
      { access_token: 'b', refresh_token: undefined, lifetimeMs },
      asked_ms,
      before
    )
    expect(same).toEqual({
      access_token: 'b',
      refresh_token: 'r',
      obtained_ms: 1000,
      expires_ms: 6000,
    })
    const next = tokensOf({ access_token: 'b', refresh_token: 's', lifetimeMs }, asked_ms, before)
    expect(next.refresh_token).toBe('s')
  })

  it('are renewed by credentials, or by a refresh token that is there', () => {
    const refreshable = { ...times(1), refresh_token: 'r' }
    expect(nextGrant(byCredentials, undefined)).toEqual({ grant_type: 'client_credentials' })
    expect(nextGrant(byCredentials, refreshable)).toEqual({ grant_type: 'client_credentials' })
    expect(nextGrant(oauthConfig(), undefined)).toBeUndefined()
    expect(nextGrant(oauthConfig(), times(1))).toBeUndefined()
    expect(nextGrant(oauthConfig(), refreshable)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r',
    })
  })
})
