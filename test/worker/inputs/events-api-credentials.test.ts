import { expect, it, vi } from 'vitest'
import { basic, inputOf, post, secret, seedServer } from '../../support/events-api'
import { admin, batchOf, request, s3Connection, status } from '../../support/weir'
import { type RejectedList, rejectedOf, someRejectedOf } from './rejected'

const anyone = (authorization: string | undefined) =>
  request('/v2/events', {
    method: 'POST',
    body: JSON.stringify(batchOf(['no'])),
    headers: authorization === undefined ? {} : { authorization },
  })

it.each([
  ['no Authorization header', undefined, 401],
  ['an empty one', '', 401],
  ['another scheme', 'Bearer server-secret', 403],
  ['Basic alone', 'Basic', 403],
  ['what is no base64', 'Basic %%%', 403],
  ['what is no UTF-8', `Basic ${btoa('\xff\xfe:x')}`, 403],
  ['no colon', `Basic ${btoa('server')}`, 403],
  ['an unknown key', basic('no-such-key'), 403],
  ['a key that is a name of JavaScript', basic('__proto__'), 403],
  ['100 KB of a key', basic('k'.repeat(75_000)), 403],
  ['100 KB of nothing', `Basic ${'/'.repeat(100_000)}`, 403],
])('answers %s with an empty body', async (_, authorization, expected) => {
  await seedServer()
  const answer = await anyone(authorization)
  expect([answer.status, await answer.text()]).toEqual([expected, ''])
  expect(answer.headers.get('www-authenticate')).toBe(
    expected === 401 ? 'Basic realm="weir"' : null
  )
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
})

it.each([
  ['a wrong secret', {}, 'server-secreT', 'wrong_secret'],
  ['no secret', {}, '', 'wrong_secret'],
  ['a secret that begins like it', {}, 'server', 'wrong_secret'],
  ['100 KB of a secret', {}, 's'.repeat(75_000), 'wrong_secret'],
  ['a disabled input', { enabled: false }, secret, 'disabled'],
  ['an input without a secret', { secret: undefined }, '', 'no_secret'],
])('refuses %s, keeps why, and stores nothing', async (_, input, password, code) => {
  const seeded = await seedServer(input)
  const answer = await anyone(basic(seeded.key, password))
  expect([answer.status, await answer.text()]).toEqual([403, ''])
  const [rejected] = await rejectedOf(inputOf(seeded), 1)
  expect(rejected?.problems[0]?.code).toBe(code)
  expect(JSON.stringify(rejected)).not.toContain(password || 'server-secret')
  expect(rejected?.payload).toBe('')
  expect((await status(s3Connection(seeded))).ledger.accepted).toBe(0)
})

it('keeps that a stranger came, but not the key', async () => {
  await seedServer()
  const kept = await vi.waitFor(
    async () => {
      await anyone(basic('stolen-key'))
      const { rejected } = (await (await admin('/rejected?limit=200')).json()) as RejectedList
      const strangers = rejected.filter((one) => one.input === '')
      expect(strangers.map((one) => one.problems[0]?.code)).toContain('unknown_key')
      return strangers
    },
    { timeout: 10_000, interval: 50 }
  )
  expect(JSON.stringify(kept)).not.toContain('stolen-key')
})

it.each(['ümlaut-sécret', 'with:colons:in', '密码密码密码密码', 'spaces and =+/'])(
  'takes the secret %s',
  async (own) => {
    const seeded = await seedServer({ secret: own })
    const headers = { authorization: basic(seeded.key, own).replace('Basic', 'basic') }
    expect((await post(seeded, 'events', batchOf(['yes']), headers)).status).toBe(202)
  }
)

it('keeps what an input rejected of its own however often a secret is guessed', async () => {
  const seeded = await seedServer()
  const guess = () => anyone(basic(seeded.key, 'a-wrong-guess'))
  await Promise.all(Array.from({ length: 40 }, guess))
  expect((await post(seeded, 'events', 'not json')).status).toBe(400)
  const codes = await vi.waitFor(
    async () => {
      const found = (await someRejectedOf(inputOf(seeded))).map((one) => one.problems[0]?.code)
      expect(found).toContain('invalid_json')
      return found
    },
    { timeout: 10_000, interval: 50 }
  )
  expect(codes).toContain('wrong_secret')
  expect(codes.length).toBeLessThan(20)
})

it('takes a changed secret at once, and the old one no more', async () => {
  const seeded = await seedServer()
  const next = await seedServer({ key: seeded.key, secret: 'another-secret' })
  expect(next.key).not.toBe(seeded.key)
  const one = { key: seeded.key }
  expect((await post(one, 'events', batchOf(['a']))).status).toBe(403)
  const headers = { authorization: basic(seeded.key, 'another-secret') }
  expect((await post(one, 'events', batchOf(['b']), headers)).status).toBe(202)
})
