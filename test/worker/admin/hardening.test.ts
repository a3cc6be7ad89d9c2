import { listDurableObjectIds } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { admin, request, seed, sqsConnection } from '../../support/weir'

const codes = async (answer: Response): Promise<string[]> =>
  ((await answer.json()) as { errors: { code: string }[] }).errors.map((one) => one.code)

describe('an answer of the admin API', () => {
  it.each([
    ['a workspace', '/workspace', 200],
    ['a profile that there is not', '/profiles/1', 404],
    ['a path that there is not', '/nothing/at/all', 404],
    ['metrics', '/metrics', 200],
  ])('is kept by nobody: %s', async (_, path, status) => {
    const answer = await admin(path)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is kept by nobody when it refuses a stranger', async () => {
    const answer = await request('/admin/v1/workspace', {
      headers: { origin: 'https://a.example' },
    })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('lets no page of another origin ask', async () => {
    const asked = await request('/admin/v1/workspace', {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-method': 'PUT' },
    })
    expect(asked.status).toBe(401)
    expect([...asked.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([])
  })
})

const writing: [string, string, string][] = [
  ['PUT', '/workspace', 'a workspace'],
  ['PUT', '/inputs/web', 'an item'],
  ['POST', '/erasures', 'an erasure'],
  ['POST', '/audiences/preview', 'a preview'],
]

describe('a body', () => {
  it.each(writing)('of %s %s is not read past its limit', async (method, path) => {
    const body = `{"a":"${'x'.repeat(2_000_000)}"}`
    const answer = await admin(path, { method, body })
    expect(answer.status).toBe(413)
    expect(await codes(answer)).toEqual(['too_large'])
  })

  it.each(writing)('of %s %s is refused when it is nested too deep', async (method, path) => {
    const body = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const answer = await admin(path, { method, body })
    expect(answer.status).toBe(400)
    expect(await codes(answer)).toEqual(['invalid_json'])
  })

  it('of dead letters names no more than a thousand', async () => {
    const connection = sqsConnection(await seed())
    const path = `/connections/${connection}/dead-letters`
    for (const [count, status] of [
      [1000, 200],
      [1001, 422],
    ] as const) {
      const ids = Array.from({ length: count }, (_, i) => `0-${i}`)
      const answer = await admin(path, { method: 'DELETE', body: JSON.stringify({ ids }) })
      expect(answer.status).toBe(status)
    }
  })
})

describe('a list', () => {
  it.each([
    'limit=-1',
    'limit=1.5',
    'limit=1e9',
    'limit=x',
    'before=1e400',
    'before=-1',
    'before=x',
  ])('has its bounds with %s', async (query) => {
    const workspace = env.WORKSPACE.getByName('workspace')
    const one = { at_ms: 1, input: 'web', problems: [], payload: '' }
    await workspace.reject(
      Array.from({ length: 201 }, () => one),
      201
    )
    const answer = await admin(`/rejected?${query}`)
    expect(answer.status).toBe(200)
    const { rejected } = (await answer.json()) as { rejected: unknown[] }
    expect(rejected.length).toBeGreaterThan(0)
    expect(rejected.length).toBeLessThanOrEqual(200)
  })
})

describe('a name', () => {
  it.each(['abc', '1.5', '9223372036854775808', '%00', '1;--', '../workspace', '__proto__'])(
    'that is no mpid makes no profile: %s',
    async (name) => {
      const before = (await listDurableObjectIds(env.PROFILE)).length
      expect((await admin(`/profiles/${encodeURIComponent(name)}`)).status).toBe(404)
      expect((await listDurableObjectIds(env.PROFILE)).length).toBe(before)
    }
  )

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'of every object is nothing of the API: %s',
    async (name) => {
      expect((await admin(`/${name}`)).status).toBe(404)
      expect((await admin(`/inputs/${name}`)).status).toBe(404)
      expect((await admin(`/connections/${name}/status`)).status).toBe(404)
    }
  )

  it('of every object is refused or kept as a field of its own', async () => {
    const body =
      '{"__proto__":{"admin":true},"inputs":[{"id":"web","key":"web-key-1","__proto__":{}}]}'
    const answer = await admin('/workspace?discard=true', { method: 'PUT', body })
    expect([200, 422]).toContain(answer.status)
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
    const outputs = [{ id: 'constructor', kind: 'constructor' }]
    const strange = await admin('/workspace?discard=true', {
      method: 'PUT',
      body: JSON.stringify({ outputs }),
    })
    expect(strange.status).toBe(422)
  })

  it('that a caller must not set is not taken from them', async () => {
    const { version } = (await (await admin('/workspace')).json()) as { version: number }
    for (const extra of [{ version: version + 100 }, { by: 'somebody' }]) {
      const answer = await admin('/workspace', { method: 'PUT', body: JSON.stringify(extra) })
      expect(answer.status).toBe(422)
      expect(await codes(answer)).toEqual(['unknown_field'])
    }
  })
})
