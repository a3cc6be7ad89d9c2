import { describe, expect, it } from 'vitest'
import { batchOf, request, seed, upload } from '../../support/weir'
import { badBodies, rejectedOf, someRejectedOf } from './rejected'

const configOf = (key: string, query = '?env=1') => request(`/tags/JS/v2/${key}/config${query}`)

const quiet = (input: Record<string, unknown> = {}) => seed({ sqs: false, s3: false, input })

interface Config {
  appName?: string
  workspaceToken: string
  flags: Record<string, string>
}

const read = async (answer: Response): Promise<Config> => {
  expect(answer.status).toBe(200)
  return answer.json()
}

describe('the configuration of mParticle’s web SDK', () => {
  it('by default batches every five seconds, and keeps to weir', async () => {
    const { key } = await quiet({ name: 'Shop' })
    const answer = await configOf(key)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(answer.headers.get('cache-control')).toBe('max-age=300')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(await read(answer)).toEqual({
      appName: 'Shop',
      workspaceToken: expect.stringMatching(/^[\dA-F]{16}$/),
      serviceUrl: '',
      secureServiceUrl: '',
      minWebviewBridgeVersion: 2,
      kitConfigs: [],
      pixelConfigs: [],
      flags: {
        eventsV3: '100',
        eventBatchingIntervalMillis: '5000',
        offlineStorage: '0',
        reportBatching: 'False',
        directURLRouting: 'False',
        cacheIdentity: 'False',
        audienceAPI: 'False',
        captureIntegrationSpecificIds: 'False',
        'captureIntegrationSpecificIds.V2': 'none',
        astBackgroundEvents: 'True',
      },
    })
  })

  it('is what the input says', async () => {
    const { key } = await quiet({
      name: 'Shop',
      app_name: 'The shop',
      web_sdk: {
        upload_interval_ms: 0,
        offline_storage: true,
        background_events: false,
        capture_integration_ids: true,
      },
    })
    expect(await read(await configOf(key))).toMatchObject({
      appName: 'The shop',
      flags: {
        eventBatchingIntervalMillis: '0',
        offlineStorage: '100',
        astBackgroundEvents: 'False',
        captureIntegrationSpecificIds: 'True',
        'captureIntegrationSpecificIds.V2': 'all',
      },
    })
  })

  it('leaves a page its own name when the input has none', async () => {
    const { key } = await quiet()
    expect(await read(await configOf(key))).not.toHaveProperty('appName')
  })

  it('names the browser’s storage by the key, the same each time', async () => {
    const tokenOf = async (key: string) => (await read(await configOf(key))).workspaceToken
    const { key } = await quiet()
    const token = await tokenOf(key)
    expect(await tokenOf(key)).toBe(token)
    expect(await tokenOf((await quiet()).key)).not.toBe(token)
  })

  it('is at one path in any case, whatever is asked about plans', async () => {
    const { key } = await quiet()
    for (const path of [`/tags/js/v2/${key}/config`, `/Tags/Js/v2/${key}/Config?plan_id=p&env=0`]) {
      expect((await request(path)).status).toBe(200)
    }
  })

  it('is for known keys and their pages only, and pages may read why', async () => {
    const off = await quiet({ enabled: false })
    const disabled = await configOf(off.key)
    const { key } = await quiet({ allowed_origins: ['https://shop.example.org'] })
    const refused = await Promise.all([
      disabled,
      configOf('no-such-key'),
      configOf('k'.repeat(10_000)),
      request(`/tags/JS/v2/${key}/config`, { headers: { origin: 'https://evil.example.org' } }),
    ])
    for (const answer of refused) {
      expect(answer.status).toBe(403)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
    const nothing = await request(`/tags/JS/v2/${key}/mparticle.js`)
    expect([nothing.status, nothing.headers.get('access-control-allow-origin')]).toEqual([404, '*'])
  })
})

describe('forwarding statistics', () => {
  const paths = (key: string) => ['v1', 'v2'].map((one) => `/webevents/${one}/JS/${key}/Forwarding`)

  it('are taken and left aside, whatever they hold; what is too large is listed', async () => {
    const { key } = await quiet()
    const bodies = await badBodies()
    for (const path of paths(key)) {
      for (const [body] of bodies) {
        const answer = await request(path, { method: 'POST', body })
        expect(answer.status).toBe(202)
        expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      }
    }
    const [rejected] = await someRejectedOf(key.replace('key-', ''))
    expect(rejected?.problems[0]?.code).toMatch(/^(too_large|unreadable)$/)
    expect((await request(paths('no-such-key')[0]!, { method: 'POST' })).status).toBe(403)
  })
})

describe('alias requests of mParticle’s SDK', () => {
  const alias = (key: string, body: unknown) =>
    request(`/webevents/v1/identity/${key}/Alias`, {
      method: 'POST',
      body: typeof body === 'string' || body instanceof ArrayBuffer ? body : JSON.stringify(body),
    })

  it('are refused with a code and a message for the page’s callback, and kept as rejected', async () => {
    const { key } = await quiet()
    const data = {
      destination_mpid: '2',
      source_mpid: '1',
      start_unixtime_ms: 1,
      end_unixtime_ms: 2,
    }
    const bodies: unknown[] = [
      ...(await badBodies()).map(([body]) => body),
      { data: { ...data, source_mpid: '0' } },
      { data: { ...data, destination_mpid: null } },
      { data: { ...data, end_unixtime_ms: 'then' } },
      { data: [] },
    ]
    for (const body of bodies) {
      const answer = await alias(key, body)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(await answer.json()).toMatchObject({
        code: expect.any(String),
        message: expect.any(String),
      })
    }
    await rejectedOf(key.replace('key-', ''), bodies.length)
    expect((await upload(key, batchOf(['on']))).status).toBe(202)
  })

  it('are refused with 403 for an unknown key', async () => {
    const answer = await alias('no-such-key', {})
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, '*'])
  })
})

it('offers no audiences, and pages may read that', async () => {
  const { key } = await quiet()
  const answer = await request(`/webevents/v1/${key}/audience?mpid=1`)
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([404, '*'])
})
