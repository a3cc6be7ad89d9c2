import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import type { Bindings } from '../../../worker/config/deployment'
import { page, post, signIn } from '../../support/console'
import { moveClock } from '../../support/weir'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const places = ['', '/inputs', '/outputs/new/sqs', '/connections/web', '/deliveries', '/nowhere']

it.each(places)(
  'leads whoever has not signed in from %j to the sign-in and back',
  async (place) => {
    const answer = await page(place)
    expect(answer.status).toBe(303)
    const back = place === '' ? '' : `?to=${encodeURIComponent(`/console${place}`)}`
    expect(answer.headers.get('location')).toBe(`/console/sign-in${back}`)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
)

it('shows pages to whoever has signed in, by name', async () => {
  const answer = await page('', { cookie: await signIn() })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toMatch(/Signed in as <\/span>admin/)
})

it('keeps the session where no script and no other site has it', async () => {
  const answer = await post('/sign-in', { token: 'test-admin-token' })
  const cookie = answer.headers.get('set-cookie')
  expect(cookie).toMatch(/^weir_session=admin\.\d+\.[0-9a-f]{64};/)
  for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/console', 'Max-Age=43200']) {
    expect(cookie).toContain(part)
  }
  expect(cookie).not.toContain('test-admin-token')
})

it.each([
  ['/console/inputs/web', '/console/inputs/web'],
  ['/console', '/console'],
  ['https://elsewhere.example/console/', '/console'],
  ['//elsewhere.example', '/console'],
  ['/admin/v1/workspace', '/console'],
])('leads back to %s after the sign-in as %s', async (to, place) => {
  const answer = await post(`/sign-in?to=${encodeURIComponent(to)}`, { token: 'test-admin-token' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, place])
})

it.each(['', 'wrong', 'test-admin-token2'])('lets nobody in with the token %j', async (token) => {
  const answer = await post('/sign-in', { token })
  expect(answer.status).toBe(401)
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(await answer.text()).toContain('This is not an admin token.')
})

it('lets an address try ten tokens in a minute', async () => {
  // So that the ten fall into one minute.
  vi.useFakeTimers({ toFake: ['Date'], now: Math.ceil(Date.now() / 60_000) * 60_000 })
  const address = { 'cf-connecting-ip': '192.0.2.7' }
  const tries = Array.from({ length: 11 }, () => post('/sign-in', { token: 'wrong' }, address))
  const statuses = (await Promise.all(tries)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(1)
  const other = await post('/sign-in', { token: 'wrong' }, { 'cf-connecting-ip': '192.0.2.8' })
  expect(other.status).toBe(401)
})

it('counts the tries of a network of IPv6 as one address’s', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Math.ceil(Date.now() / 60_000) * 60_000 })
  const from = async (address: string) =>
    (await post('/sign-in', { token: 'wrong' }, { 'cf-connecting-ip': address })).status
  for (let i = 1; i <= 10; i++) expect(await from(`2001:db8:7:7::${i}`)).toBe(401)
  expect(await from('2001:db8:7:7:ffff::1')).toBe(429)
  expect(await from('2001:db8:7:8::1')).toBe(401)
})

const changed: [string, (cookie: string) => string][] = [
  ['another name', (cookie) => cookie.replace('admin', 'root')],
  ['a later end', (cookie) => cookie.replace(/\.(\d+)\./, (_, ms) => `.${Number(ms) + 1}.`)],
  ['no signature', (cookie) => cookie.replace(/\.[0-9a-f]+$/, '')],
  ['a name of Object', (cookie) => cookie.replace('admin', 'constructor')],
]

it.each(changed)('does not believe a session with %s', async (_, change) => {
  const answer = await page('', { cookie: change(await signIn()) })
  expect(answer.status).toBe(303)
})

it('ends sessions after twelve hours', async () => {
  const cookie = await signIn()
  moveClock(12 * 3_600_000 - 60_000)
  expect((await page('', { cookie })).status).toBe(200)
  moveClock(120_000)
  expect((await page('', { cookie })).status).toBe(303)
})

it('ends sessions of a token that was changed, and of no other', async () => {
  const before = 'ada:first-token-of-ada,bob:first-token-of-bob'
  const after = 'ada:second-token-of-ada,bob:first-token-of-bob'
  const tokens = vi.spyOn(env as Bindings, 'ADMIN_TOKEN', 'get')
  tokens.mockReturnValue(before)
  const [ada, bob] = [await signIn('first-token-of-ada'), await signIn('first-token-of-bob')]
  expect((await page('', { cookie: ada })).status).toBe(200)
  tokens.mockReturnValue(after)
  expect((await page('', { cookie: ada })).status).toBe(303)
  expect((await page('', { cookie: bob })).status).toBe(200)
})

it('forgets the session at the sign-out', async () => {
  const answer = await post('/sign-out', {}, { cookie: await signIn() })
  expect(answer.headers.get('location')).toBe('/console/sign-in')
  expect(answer.headers.get('set-cookie')).toMatch(/^weir_session=;.*Max-Age=0.*Path=\/console/)
})

it('puts the cookie where a browser without TLS keeps it, on loopback only', async () => {
  const signInAt = async (origin: string) => {
    const body = new URLSearchParams({ token: 'test-admin-token' })
    const init = { method: 'POST', body, headers: { origin }, redirect: 'manual' as const }
    const answer = await exports.default.fetch(new Request(`${origin}/console/sign-in`, init))
    return answer.headers.get('set-cookie')
  }
  expect(await signInAt('http://127.0.0.1:8787')).not.toContain('Secure')
  expect(await signInAt('http://localhost:8787')).not.toContain('Secure')
  expect(await signInAt('http://console.example')).toContain('Secure')
})
