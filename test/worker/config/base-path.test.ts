import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { pathBelowBase } from '../../../worker/config/base-path'
import worker from '../../../worker/index'
import { adminToken, batchOf, seed } from '../../support/weir'

describe('the path of a request', () => {
  it.each([
    ['', '/weir.js', '/weir.js'],
    ['', '/hello/weir.js', '/hello/weir.js'],
    ['/hello', '/hello/weir.js?v=1', '/weir.js'],
    ['/hello', '/weir.js', '/weir.js'],
    ['/hello', '/hello/in/key', '/in/key'],
    ['/hello', '/hello/hello/in/key', '/hello/in/key'],
    ['/hello', '/hello/', '/'],
    ['/hello', '/hello', '/hello'],
    ['/hello', '/helloween/in/key', '/helloween/in/key'],
    ['/a/b', '/a/b/health', '/health'],
    ['hello/', '/hello/health', '/health'],
    ['/', '/health', '/health'],
  ])('with the base path "%s" of %s is %s', (BASE_PATH, path, expected) => {
    const request = new Request(`https://shop.example.org${path}`)
    expect(pathBelowBase(request, { env: { BASE_PATH } })).toBe(expected)
  })
})

const below = async (path: string, init?: RequestInit): Promise<Response> => {
  const context = createExecutionContext()
  const request = new Request(`https://shop.example.org${path}`, init)
  const answer = await worker.fetch(request, { ...env, BASE_PATH: '/hello' }, context)
  await waitOnExecutionContext(context)
  return answer
}

describe('with a base path', () => {
  it('takes batches, preflights and admin calls both below it and without it', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const body = JSON.stringify(batchOf(['first-party'], { mpid: '2201' }))
    const headers = { authorization: `Bearer ${adminToken}` }
    for (const base of ['/hello', '']) {
      const post = (path: string) => below(`${base}${path}`, { method: 'POST', body })
      expect((await post(`/in/${key}`)).status).toBe(202)
      expect((await post(`/webevents/v3/JS/${key}/events`)).status).toBe(202)
      const preflight = await below(`${base}/in/${key}`, { method: 'OPTIONS' })
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
      expect((await below(`${base}/admin/v1/inputs`, { headers })).status).toBe(200)
      expect((await below(`${base}/admin/v1/inputs`)).status).toBe(401)
      expect((await below(`${base}/health`)).status).toBe(200)
    }
  })

  it('serves the SDK below it, cached as elsewhere and readable to any page', async () => {
    const script = await below('/hello/weir.js')
    expect(script.status).toBe(200)
    expect(script.headers.get('content-type')).toContain('javascript')
    expect(script.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(script.headers.get('access-control-allow-origin')).toBe('*')
    expect((await script.text()).length).toBeGreaterThan(1000)
    const etag = script.headers.get('etag') ?? ''
    const again = await below('/hello/weir.js', { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    const head = await below('/hello/weir.mjs', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it.each([
    ['GET', '/hello/no-such-file.js'],
    ['POST', '/hello/weir.js'],
    ['GET', '/hello/_headers'],
    ['GET', '/elsewhere/weir.js'],
  ])('has nothing for %s %s', async (method, path) => {
    const answer = await below(path, { method })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'not_found' }] })
  })
})
