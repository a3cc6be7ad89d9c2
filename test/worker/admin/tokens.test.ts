import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { adminAs } from '../../../worker/admin/access/acting'
import worker from '../../../worker/index'

const ada = 'ada-token-0123456789'
const lone = 'a-token-of-16-ch'
const bob = 'bob:token-with-0123-colon'

const ask = (ADMIN_TOKEN: string | undefined, token?: string): Promise<Response> => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const request = new Request('https://weir.test/admin/v1/inputs', { headers })
  const given = { ...env, ADMIN_TOKEN } as typeof env
  return Promise.resolve(worker.fetch(request, given, createExecutionContext()))
}

const statusOf = async (secret: string | undefined, token?: string): Promise<number> =>
  (await ask(secret, token)).status

const named = `ada:${ada}\nbob-2:${bob}\n`

describe('the secret ADMIN_TOKEN', () => {
  it.each([
    ['one token of 16 characters', lone, lone, 200],
    ['one token with a line break behind it', `${lone}\n`, lone, 200],
    ['one token, and another one', lone, lone.slice(1), 401],
    ['one token, and none', lone, undefined, 401],
    ['lines with names', named, ada, 200],
    ['lines with names, of which the second', named, bob, 200],
    ['names between commas', `ada:${ada}, bob:${bob}`, bob, 200],
    ['one line with a name', `ada:${ada}`, ada, 200],
    ['lines with names, and a name with its token', named, `ada:${ada}`, 401],
    ['lines with names, and a name', named, 'ada', 401],
    ['lines with names, and all of it', `ada:${ada},bob:${bob}`, `ada:${ada},bob:${bob}`, 401],
  ])('may be %s', async (_, secret, token, status) => {
    expect(await statusOf(secret, token)).toBe(status)
  })

  it.each([
    ['is missing', undefined, 'missing_secret'],
    ['is empty', '', 'missing_secret'],
    ['is blank', ' \n', 'invalid_secret'],
    ['has nothing but commas', ' , ,', 'invalid_secret'],
    ['has a token without a name', `ada:${ada}\nhidden-hidden-hidden`, 'invalid_secret'],
    ['has a short token', 'ada:hidden', 'invalid_secret'],
    ['is one token of 15 characters', 'hidden-hidden-h', 'invalid_secret'],
    ['is one token of 15 characters and a line break', 'hidden-hidden-h\n', 'invalid_secret'],
    ['has a name in capitals', 'Ada:hidden-hidden-hidden', 'invalid_secret'],
    ['has no name before the colon', ':hidden-hidden-hidden', 'invalid_secret'],
    ['has a token with a blank', 'ada:hidden hidden hidden', 'invalid_secret'],
    ['has a name twice', `ada:${ada},ada:${bob}`, 'invalid_secret'],
    ['has a token twice', `ada:${ada},bob:${ada}`, 'invalid_secret'],
  ])('that %s is told by its name only', async (_, secret, code) => {
    for (const token of [undefined, ada, 'hidden', '', 'hidden-hidden-hidden']) {
      const answer = await ask(secret, token)
      expect(answer.status).toBe(503)
      const text = await answer.text()
      expect(JSON.parse(text).errors).toMatchObject([{ code, path: 'ADMIN_TOKEN' }])
      expect(text).not.toMatch(/hidden|0123/)
    }
  })
})

describe('who has signed in', () => {
  const note = () => `note ${crypto.randomUUID()}`

  const saved = async (who: string, said: string): Promise<Response> =>
    adminAs(
      { env, ctx: createExecutionContext() },
      who,
      new Request(`https://weir.test/admin/v1/inputs/acted?note=${said}`, {
        method: 'PUT',
        body: JSON.stringify({ key: crypto.randomUUID() }),
      })
    )

  it('needs no token, and stands in the history', async () => {
    const said = note()
    expect((await saved('ada@example.org', said)).ok).toBe(true)
    const [version] = await env.WORKSPACE.getByName('workspace').history(1)
    expect(version).toMatchObject({ by: 'ada@example.org', note: said })
  })

  it('lends it to no other request, not even one that was made of it', async () => {
    const request = new Request('https://weir.test/admin/v1/inputs')
    const ctx = createExecutionContext()
    expect((await adminAs({ env, ctx }, 'ada', request)).status).toBe(200)
    for (const other of [request.clone(), new Request(request)]) {
      expect((await worker.fetch(other, env, createExecutionContext())).status).toBe(401)
    }
  })
})
