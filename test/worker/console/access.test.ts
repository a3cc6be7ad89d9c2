import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { sign } from 'hono/jwt'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Bindings } from '../../../worker/config/deployment'
import { consolePages } from '../../../worker/console/routes'

const audience = 'audience-of-the-console'
const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
}

const makeKey = async (kid: string) => {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { privateKey, publicKey } = pair as CryptoKeyPair
  const exported = async (key: CryptoKey) => ({
    ...((await crypto.subtle.exportKey('jwk', key)) as JsonWebKey),
    kid,
    alg: 'RS256' as const,
  })
  return { private: await exported(privateKey), public: await exported(publicKey) }
}

type Key = Awaited<ReturnType<typeof makeKey>>

let teams = 0
let team: string
let key: Key
let served: Key[]
let asked: string[]

// Each test has a team of its own, since keys are kept.
beforeEach(async () => {
  teams += 1
  team = `team-${teams}.cloudflareaccess.com`
  key = await makeKey('first')
  served = [key]
  asked = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    asked.push(String(url))
    return Response.json({ keys: served.map((one) => one.public), public_certs: [] })
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const seconds = () => Math.floor(Date.now() / 1000)

const claims = (given: Record<string, unknown> = {}) => ({
  iss: `https://${team}`,
  aud: [audience],
  email: 'ada@example.org',
  iat: seconds(),
  exp: seconds() + 600,
  ...given,
})

const ask = (token: string | undefined, given: Partial<Bindings> = {}) => {
  const bindings = { ...env, ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: audience, ...given }
  const headers = {
    accept: 'text/html',
    ...(token === undefined ? {} : { 'cf-access-jwt-assertion': token }),
  }
  const request = new Request('https://weir.test/console', { headers, redirect: 'manual' })
  return consolePages.fetch(request, bindings as Bindings, createExecutionContext())
}

it('signs in whom Access vouches for, by e-mail address and without a way to sign out', async () => {
  const answer = await ask(await sign(claims(), key.private, 'RS256'))
  expect(answer.status).toBe(200)
  const html = await answer.text()
  expect(html).toContain('ada@example.org')
  expect(html).not.toContain('/sign-out')
  expect(asked).toEqual([`https://${team}/cdn-cgi/access/certs`])
})

const wrong: [string, () => Promise<string | undefined>][] = [
  ['nothing', async () => undefined],
  ['no token', async () => 'nonsense'],
  ['another audience', () => sign(claims({ aud: ['other'] }), key.private, 'RS256')],
  ['another team', () => sign(claims({ iss: 'https://evil.example' }), key.private, 'RS256')],
  ['an end that has passed', () => sign(claims({ exp: seconds() - 1 }), key.private, 'RS256')],
  ['no end', () => sign(claims({ exp: undefined }), key.private, 'RS256')],
  ['no e-mail address', () => sign(claims({ email: '' }), key.private, 'RS256')],
  [
    'a key that is not the team’s',
    async () => sign(claims(), (await makeKey('first')).private, 'RS256'),
  ],
  ['a secret of its own', () => sign(claims(), 'secret', 'HS256')],
]

it.each(wrong)('does not believe an assertion with %s', async (_, token) => {
  const answer = await ask(await token())
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe('/console/sign-in')
})

it('takes no admin token where Access is set up', async () => {
  const bindings = { ...env, ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: audience }
  const body = new URLSearchParams({ token: 'test-admin-token' })
  const headers = { origin: 'https://weir.test' }
  const request = new Request('https://weir.test/console/sign-in', {
    method: 'POST',
    body,
    headers,
  })
  const answer = await consolePages.fetch(request, bindings as Bindings, createExecutionContext())
  expect(answer.status).toBe(403)
  expect(answer.headers.get('set-cookie')).toBeNull()
})

it('asks for the keys again only when they are old or one is unknown', async () => {
  const token = await sign(claims(), key.private, 'RS256')
  expect((await ask(token)).status).toBe(200)
  expect((await ask(token)).status).toBe(200)
  expect(asked).toHaveLength(1)
  const next = await makeKey('second')
  served = [key, next]
  const later = () => sign(claims(), next.private, 'RS256')
  // Within ten seconds nobody is asked for a key that may not exist.
  expect((await ask(await later())).status).toBe(303)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 })
  expect((await ask(await later())).status).toBe(200)
  expect(asked).toHaveLength(2)
})

it('logs nothing of what an assertion says', async () => {
  const logged = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const token = await sign(claims({ exp: seconds() - 1 }), key.private, 'RS256')
  await ask(token)
  expect(logged).toHaveBeenCalledOnce()
  expect(JSON.stringify(logged.mock.calls)).not.toContain(token.split('.')[1])
})

it('says that the team cannot be reached rather than that nobody has signed in', async () => {
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('', { status: 502 }))
  const answer = await ask(await sign(claims(), key.private, 'RS256'))
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain(`${team} answered 502`)
})

it('says which of the two variables is missing', async () => {
  const answer = await ask(undefined, { ACCESS_AUD: '' })
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('ACCESS_AUD')
})
