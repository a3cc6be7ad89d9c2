import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Change } from '../../../worker/config/changes'
import { seal } from '../../../worker/config/seal'
import { emptyWorkspace } from '../../../worker/config/workspace-file'
import worker from '../../../worker/index'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import { admin, keys, moveClock, put, s3Connection, seed } from '../../support/weir'

beforeEach(() => gate.faults([]))

interface Listed {
  version: number
  at_ms: number
  by: string
  note: string
  changes: number | null
}

const list = async (query = ''): Promise<Listed[]> =>
  ((await (await admin(`/versions${query}`)).json()) as { versions: Listed[] }).versions

const newest = async (): Promise<Listed> => (await list('?limit=1'))[0]!

const changesOf = async (version: number): Promise<Change[]> =>
  ((await (await admin(`/versions/${version}/diff`)).json()) as { changes: Change[] }).changes

const restore = (version: number, query = ''): Promise<Response> =>
  admin(`/versions/${version}/restore${query}`, { method: 'POST' })

const errorsOf = async (answer: Response) =>
  ((await answer.json()) as { errors: { code: string; path: string; message: string }[] }).errors

const workspace = () => env.WORKSPACE.getByName('workspace')

const text = async (path: string): Promise<string> => (await admin(path)).text()

describe('the history of the workspace', () => {
  it('says who stored a version, when, what for and how much it changed', async () => {
    const { key } = await seed({ sqs: false, s3: false })
    const input = `/inputs/${key.replace('key-', '')}`
    const before = Date.now()
    await put(`${input}?note=the%20shop%20has%20a%20name`, { key, name: 'Shop' })
    const [now, seeded] = await list('?limit=2')
    expect(now).toMatchObject({ by: 'admin', note: 'the shop has a name', changes: 1 })
    expect(now!.at_ms).toBeGreaterThanOrEqual(before)
    expect(seeded).toMatchObject({ version: now!.version - 1, by: 'admin', note: '' })
    expect(await changesOf(now!.version)).toEqual([
      {
        path: `inputs.${key.replace('key-', '')}.name`,
        kind: 'changed',
        before: '',
        after: 'Shop',
      },
    ])
    await admin(`${input}?note=gone`, { method: 'DELETE' })
    expect(await newest()).toMatchObject({ note: 'gone' })
  })

  it('takes notes of some length', async () => {
    const before = await newest()
    const body = JSON.stringify(emptyWorkspace())
    const long = 'n'.repeat(501)
    const refused = await admin(`/workspace?note=${long}`, { method: 'PUT', body })
    expect(refused.status).toBe(422)
    expect(await errorsOf(refused)).toMatchObject([{ code: 'invalid', path: 'note' }])
    expect(await newest()).toEqual(before)
    const note = 'n'.repeat(500)
    await admin(`/workspace?discard=true&note=${note}`, { method: 'PUT', body })
    expect(await newest()).toMatchObject({ note })
  })

  it('is told in pages, newest first, each version once', async () => {
    for (let i = 0; i < 4; i++) await put('/inputs/paged', { key: `paged-key-${i}` })
    const all = await list('?limit=50')
    const paged: Listed[] = []
    let before = Number.MAX_SAFE_INTEGER
    for (let page = await list('?limit=3'); page.length > 0; ) {
      paged.push(...page)
      before = page.at(-1)!.version
      page = await list(`?limit=3&before=${before}`)
    }
    expect(before).toBe(1)
    expect(paged.slice(0, all.length)).toEqual(all)
    expect(paged.map(({ version }) => version)).toEqual(
      Array.from({ length: paged.length }, (_, i) => paged.length - i)
    )
    expect(paged.at(-1)!.changes).toBeGreaterThan(0)
  })

  it.each(['-5', '0', '2.5', 'x', '1e9', ''])('takes %s for a limit in bounds', async (limit) => {
    const { length } = await list(`?limit=${limit}`)
    expect(length).toBeGreaterThan(0)
    expect(length).toBeLessThanOrEqual(50)
  })

  it('shows versions and what they changed without secrets', async () => {
    const seeded = await seed({ sqs: false, input: { secret: 'an-input-secret' } })
    const { version } = await newest()
    const output = await (await admin('/outputs/lake')).json<{ settings: object }>()
    const settings = { ...output.settings, secret_access_key: 'test-secret-2' }
    await put('/outputs/lake?verify=false', { ...output, settings })
    expect(await changesOf(version + 1)).toEqual([
      {
        path: 'outputs.lake.settings.secret_access_key',
        kind: 'changed',
        before: '********',
        after: '********',
      },
    ])
    for (const path of [`/versions/${version}`, `/versions/${version}/diff`, '/versions']) {
      expect(await text(path)).not.toMatch(/an-input-secret|test-secret|sealed:/)
    }
    const shown = JSON.parse(await text(`/versions/${version}`))
    expect(shown).toMatchObject({ version, by: 'admin', note: '' })
    expect(shown.workspace.inputs[0]).toMatchObject({ key: seeded.key, secret: '********' })
  })

  it.each(['0', '999999', 'x', '1.5', '-1'])('has no version %s', async (version) => {
    const paths = [`/versions/${version}`, `/versions/${version}/diff`]
    const answers = [
      ...(await Promise.all(paths.map((one) => admin(one)))),
      await admin('/versions/1'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 200])
    const restored = await admin(`/versions/${version}/restore`, { method: 'POST' })
    expect(restored.status).toBe(404)
  })
})

describe('restoring a version', () => {
  it('saves it as the newest one, with the secrets that it had', async () => {
    const seeded = await seed({ sqs: false, input: { secret: 'an-input-secret' } })
    const { version } = await newest()
    const before = await workspace().current()
    await seed({ sqs: false })
    const answer = await restore(version, '?discard=true')
    expect(answer.status).toBe(200)
    const shown = await answer.json<{ version: number; workspace: { inputs: { key: string }[] } }>()
    expect(shown.version).toBe(version + 2)
    expect(shown.workspace.inputs[0]).toMatchObject({ key: seeded.key, secret: '********' })
    const { file } = await workspace().current()
    expect(JSON.parse(file)).toEqual(JSON.parse(before.file))
    const note = `restored version ${version}`
    expect(await newest()).toMatchObject({ version: version + 2, by: 'admin', note })
  })

  it('that is the newest one changes nothing', async () => {
    const { version } = await newest()
    expect(await (await restore(version)).json()).toMatchObject({ version })
    expect((await newest()).version).toBe(version)
  })

  it('may have a note of its own', async () => {
    const { version } = await newest()
    await put('/inputs/later', { key: 'later-key' })
    await restore(version, '?note=later%20was%20wrong')
    expect(await newest()).toMatchObject({ note: 'later was wrong' })
  })

  it('is refused while a connection that would go holds data', async () => {
    await seed({ sqs: false, s3: false })
    const { version } = await newest()
    const seeded = await seed({ sqs: false })
    await outboxOf(s3Connection(seeded)).enqueue(handOffOf('waiting'))
    const refused = await restore(version)
    expect(refused.status).toBe(409)
    expect(await errorsOf(refused)).toMatchObject([{ code: 'connection_not_empty' }])
    expect((await newest()).version).toBe(version + 1)
    expect((await restore(version, '?discard=true')).status).toBe(200)
  })

  it('is refused while its outputs do not take the verification', async () => {
    const seeded = await seed({ sqs: false })
    const { version } = await newest()
    await put('/workspace', emptyWorkspace())
    await gate.faults([{ fault: 'forbidden', match: { bucket: seeded.bucket } }])
    const refused = await restore(version)
    await gate.faults([])
    expect([refused.status, (await newest()).version]).toEqual([422, version + 1])
    expect((await restore(version)).status).toBe(200)
    expect(await text('/inputs')).toContain(seeded.key)
  })

  it('names each secret that was sealed under a key that is gone', async () => {
    const place = 'outputs.lake.secret_access_key'
    const secret_access_key = await seal('s', place, 'a key that is gone')
    const settings = { ...keys, secret_access_key }
    const lost = { ...emptyWorkspace(), outputs: [{ id: 'lake', kind: 's3', name: '', settings }] }
    const { version } = await workspace().current()
    await workspace().store(JSON.stringify(lost), version, { by: 'x', note: '' })
    await workspace().store(JSON.stringify(emptyWorkspace()), version + 1, { by: 'x', note: '' })
    const refused = await restore(version + 1)
    expect(refused.status).toBe(422)
    expect(await errorsOf(refused)).toMatchObject([
      { code: 'sealed_under_lost_key', path: place, message: expect.stringContaining(place) },
    ])
    expect((await newest()).version).toBe(version + 2)
    // The history itself stays readable.
    expect(await changesOf(version + 1)).not.toEqual([])
  })

  it('opens with the previous key what was sealed under it', async () => {
    const place = 'outputs.lake.secret_access_key'
    const secret_access_key = await seal('s', place, 'earlier-config-key')
    const settings = { ...keys, secret_access_key }
    const old = { ...emptyWorkspace(), outputs: [{ id: 'lake', kind: 's3', name: '', settings }] }
    const { version } = await workspace().current()
    await workspace().store(JSON.stringify(old), version, { by: 'x', note: '' })
    await workspace().store(JSON.stringify(emptyWorkspace()), version + 1, { by: 'x', note: '' })
    const request = new Request(`https://weir.test/admin/v1/versions/${version + 1}/restore`, {
      method: 'POST',
      headers: { authorization: 'Bearer test-admin-token' },
    })
    const without = { ...env, CONFIG_KEY_PREVIOUS: '' }
    const refused = await worker.fetch(request.clone(), without, createExecutionContext())
    expect(refused.status).toBe(422)
    expect((await worker.fetch(request, env, createExecutionContext())).status).toBe(200)
    expect((await workspace().current()).file).toContain(await seal('s', place, 'test-config-key'))
  })
})

describe('of the history', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const store = async (count: number): Promise<void> => {
    const { version } = await workspace().current()
    const by = { by: 'x', note: '' }
    const file = JSON.stringify(emptyWorkspace())
    for (let i = 0; i < count; i++) await workspace().store(file, version + i, by)
  }

  it('60 days are kept, and 50 versions at least', async () => {
    await store(60)
    const { version } = await newest()
    expect(await workspace().kept(version - 55)).toBeDefined()
    moveClock(60 * 86_400_000 + 1)
    await store(1)
    const oldest = version - 48
    expect(await workspace().history(100)).toHaveLength(50)
    expect(await list(`?before=${oldest + 1}`)).toMatchObject([{ version: oldest, changes: null }])
    expect((await admin(`/versions/${oldest}`)).status).toBe(200)
    expect((await admin(`/versions/${oldest}/diff`)).status).toBe(404)
    expect(await errorsOf(await admin(`/versions/${oldest}/diff`))).toMatchObject([
      { code: 'not_found', path: `versions.${oldest - 1}` },
    ])
    expect(await changesOf(oldest + 1)).toEqual([])
  })

  it('no more is read at once than a call can carry, and never less than two versions', async () => {
    const large = JSON.stringify({ ...emptyWorkspace(), padding: 'x'.repeat(1_900_000) })
    const { version } = await workspace().current()
    for (let i = 0; i < 3; i++) await workspace().store(large, version + i, { by: 'x', note: '' })
    expect(await workspace().history(10)).toHaveLength(2)
    expect((await list()).map((one) => one.version)).toEqual([version + 3])
    expect((await list(`?before=${version + 3}&limit=2`)).map((one) => one.version)).toEqual([
      version + 2,
      version + 1,
    ])
  })
})
