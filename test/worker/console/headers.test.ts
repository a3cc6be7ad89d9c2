import { expect, it } from 'vitest'
import { page, post, signIn } from '../../support/console'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
]

it.each(['/sign-in', '', '/inputs', '/inputs/new', '/nowhere'])(
  'lets browsers load nothing into %j but the console’s own files',
  async (place) => {
    const answer = await page(place, { cookie: await signIn() })
    const given = answer.headers.get('content-security-policy')?.split(/; */) ?? []
    expect(given.filter((one) => one !== '').sort()).toEqual([...policy].sort())
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('referrer-policy')).toBe('same-origin')
    expect(answer.headers.get('x-frame-options')).toBe('DENY')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const html = await answer.text()
    expect(html).toMatch(/^<!DOCTYPE html>/)
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=/)
  }
)

const own = { origin: 'https://weir.test' }
const foreign = { origin: 'https://elsewhere.example' }

it.each([
  ['of its own origin', own, 303],
  ['that a browser says is same-origin', { origin: '', 'sec-fetch-site': 'same-origin' }, 303],
  ['of another site', foreign, 403],
  ['of a site beside it', { ...foreign, 'sec-fetch-site': 'same-site' }, 403],
  ['of another site, which its browser tells', { ...foreign, 'sec-fetch-site': 'cross-site' }, 403],
  ['of nobody knows where', { origin: 'null' }, 403],
])('takes or refuses a form %s', async (_, headers, status) => {
  const cookie = await signIn()
  expect((await post('/sign-out', {}, { cookie, ...headers })).status).toBe(status)
  expect((await post('/sign-in', { token: 'test-admin-token' }, headers)).status).toBe(status)
})

it('says as a page what it refuses', async () => {
  const answer = await post('/sign-out', {}, foreign)
  expect(await answer.text()).toContain('The form was sent from another site')
})

it('reads no form that is larger than a megabyte', async () => {
  const answer = await post('/sign-in', { token: 'x'.repeat(1_048_577) })
  expect(answer.status).toBe(413)
  expect(await answer.text()).toContain('larger than a megabyte')
})

it('finds pages with a slash at the end, too', async () => {
  const answer = await page('/inputs/', { cookie: await signIn() })
  expect(answer.headers.get('location')).toBe('https://weir.test/console/inputs')
})
