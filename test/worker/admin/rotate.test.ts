import { createExecutionContext, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TokenStore } from '../../../worker/authorizations/token-store'
import type { ConfigKeys } from '../../../worker/config/seal'
import { resealSecrets } from '../../../worker/config/secrets'
import worker from '../../../worker/index'
import { basic } from '../../support/events-api'
import { gate } from '../../support/gate-client'
import { issued, oauthConfig, scriptTokenServer, storeOutput } from '../../support/token-server'
import {
  admin,
  adminToken,
  batchOf,
  eventNames,
  linesIn,
  passFile,
  passWindow,
  request,
  seed,
  upload,
} from '../../support/weir'

// As vitest.config.ts has them, and as they were before.
const now: ConfigKeys = { current: 'test-config-key', previous: 'earlier-config-key' }
const before: ConfigKeys = { current: 'earlier-config-key', previous: 'test-config-key' }
const only: ConfigKeys = { current: 'test-config-key' }

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const workspace = () => env.WORKSPACE.getByName('workspace')

/** Puts the workspace back to the time before the key was replaced. @returns its version */
const goBack = async (): Promise<number> => {
  const { version, file } = await workspace().current()
  const sealed = await resealSecrets(JSON.parse(file), before)
  await workspace().store(JSON.stringify(sealed), version, { by: 'x', note: '' })
  return version + 1
}

interface Counts {
  current: number
  previous: number
  lost: number
}

interface Rotation {
  version: number
  workspace: Counts
  authorizations: Counts
  lost: string[]
}

const rotation = async (method = 'GET', given = env): Promise<Rotation> => {
  const headers = { authorization: `Bearer ${adminToken}` }
  const asked = new Request('https://weir.test/admin/v1/rotate', { method, headers })
  const answer = await worker.fetch(asked, given, createExecutionContext())
  expect(answer.status).toBe(200)
  return answer.json()
}

const withoutPrevious = { ...env, CONFIG_KEY_PREVIOUS: '' }

describe('the secrets of a workspace, while CONFIG_KEY is being replaced', () => {
  const deliver = async (key: string, bucket: string, name: string): Promise<void> => {
    const mpid = String(10n ** 17n + BigInt(Math.floor(Math.random() * 1e9)))
    expect((await upload(key, batchOf([name], { mpid }))).status).toBe(202)
    await passWindow()
    await passFile()
    expect(eventNames(await linesIn(bucket))).toContain(name)
  }

  const authenticate = async (key: string): Promise<number> =>
    (
      await request('/v2/events', {
        method: 'POST',
        headers: { authorization: basic(key, 'an-input-secret') },
        body: JSON.stringify({ ...batchOf(['s2s']), environment: 'production' }),
      })
    ).status

  it('are used all the time, and sealed anew as a version that changes nothing', async () => {
    const { key, bucket } = await seed({ sqs: false, input: { secret: 'an-input-secret' } })
    const version = await goBack()
    expect(await rotation()).toMatchObject({
      version,
      workspace: { current: 0, previous: 3, lost: 0 },
      lost: [],
    })
    await deliver(key, bucket, 'before')
    expect(await authenticate(key)).toBe(202)
    const done = { version: version + 1, workspace: { current: 3, previous: 0, lost: 0 }, lost: [] }
    expect(await rotation('POST')).toMatchObject(done)
    expect(await rotation()).toMatchObject(done)
    await deliver(key, bucket, 'after')
    expect(await authenticate(key)).toBe(202)
    const { versions } = (await (await admin('/versions?limit=1')).json()) as {
      versions: unknown[]
    }
    expect(versions).toMatchObject([{ by: 'admin', note: 'rotate', changes: 0 }])
    // From now on nothing needs the previous key.
    expect(await rotation('GET', withoutPrevious)).toMatchObject(done)
  })

  it('are sealed anew once', async () => {
    await seed({ sqs: false })
    await goBack()
    const first = await rotation('POST')
    expect(await rotation('POST')).toEqual(first)
  })

  it('that no key opens are told and left alone', async () => {
    await seed({ sqs: false })
    await goBack()
    const { file } = await workspace().current()
    const without = await rotation('POST', withoutPrevious)
    expect(without.workspace).toEqual({ current: 0, previous: 0, lost: 2 })
    expect(without.lost.sort()).toEqual([
      'outputs.lake.secret_access_key',
      'outputs.queue.secret_access_key',
    ])
    expect((await workspace().current()).file).toBe(file)
    expect((await rotation('POST')).workspace).toEqual({ current: 2, previous: 0, lost: 0 })
  })
})

describe('the tokens of an output, while CONFIG_KEY is being replaced', () => {
  const config = oauthConfig()
  let id = ''

  beforeEach(() => {
    id = `crm-${crypto.randomUUID()}`
  })

  const inStore = <T>(keys: ConfigKeys, use: (store: TokenStore) => Promise<T>): Promise<T> =>
    runInDurableObject(env.AUTHORIZATION.getByName(id), (_, { storage }) =>
      use(new TokenStore(storage, id, () => keys))
    )

  const tokens = (keys: ConfigKeys) => inStore(keys, (store) => store.tokens(config))

  const authorize = async () => {
    const object = env.AUTHORIZATION.getByName(id)
    const { nonce } = await object.begin(config, 'https://weir.test/oauth/callback')
    await object.exchange(config, { nonce, code: 'a-code' })
    await inStore(before, (store) => store.rotate(config))
  }

  it('are used all the time, and sealed anew with everything else', async () => {
    const calls = scriptTokenServer((_, count) => issued(count))
    await storeOutput(id, config)
    await authorize()
    await goBack()
    const status = async () => (await admin(`/outputs/${id}/authorization`)).json()
    expect(await status()).toMatchObject({ status: 'authorized' })
    expect(await env.AUTHORIZATION.getByName(id).token(config)).toMatchObject({ ok: true })
    expect(await tokens(only)).toBeUndefined()
    expect(await rotation()).toMatchObject({
      workspace: { current: 0, previous: 1 },
      authorizations: { current: 0, previous: 2, lost: 0 },
    })
    expect(await rotation('POST')).toMatchObject({
      workspace: { current: 1, previous: 0 },
      authorizations: { current: 2, previous: 0, lost: 0 },
    })
    expect(await tokens(only)).toMatchObject({
      access_token: 'access-token-1',
      refresh_token: 'refresh-token-1',
    })
    expect(await status()).toMatchObject({ status: 'authorized' })
    expect(await env.AUTHORIZATION.getByName(id).token(config)).toMatchObject({
      ok: true,
      token: 'access-token-1',
    })
    expect(calls).toHaveLength(1)
  })

  it('stay where no key opens them, and go where they are of a configuration that is no more', async () => {
    scriptTokenServer((_, count) => issued(count))
    await storeOutput(id, oauthConfig({ token_url: 'https://elsewhere.example.com/token' }))
    await authorize()
    const gone = { current: 'a-third-key', previous: 'earlier-config-key' }
    await inStore(gone, (store) => store.rotate(config))
    expect((await rotation('POST')).authorizations).toEqual({ current: 0, previous: 0, lost: 2 })
    await inStore({ ...before, previous: 'a-third-key' }, (store) => store.rotate(config))
    expect((await rotation()).authorizations).toEqual({ current: 0, previous: 2, lost: 0 })
    expect((await rotation('POST')).authorizations).toEqual({ current: 0, previous: 0, lost: 0 })
  })

  it('can be got by an authorization that was begun before', async () => {
    const { nonce } = await inStore(before, (store) => store.begin(config, 'https://weir.test/'))
    expect(await inStore(now, (store) => store.end(config, nonce))).toBeDefined()
  })

  it('are not asked for sooner after a failure than without', async () => {
    const outcome = { kind: 'retry', reason: 'down' } as const
    const failed = await inStore(before, (store) => store.fail(config, outcome))
    expect(await inStore(now, (store) => store.failure(config))).toMatchObject(failed)
    expect(await inStore(only, (store) => store.failure(config))).toBeUndefined()
  })
})
