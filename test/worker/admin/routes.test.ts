import { beforeEach, describe, expect, it } from 'vitest'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import { admin, keys, put, request, s3Connection, seed, status } from '../../support/weir'

beforeEach(() => gate.faults([]))

interface Problems {
  errors: { code: string; path: string; message: string }[]
}

const problemsOf = async (answer: Response): Promise<Problems['errors']> =>
  ((await answer.json()) as Problems).errors

const remove = (path: string): Promise<Response> => admin(path, { method: 'DELETE' })

describe('the admin API', () => {
  it('refuses without the token, with a wrong one, and with part of it', async () => {
    const answers = await Promise.all(
      [undefined, 'Bearer wrong', 'Bearer test-admin-toke', 'Basic dGVzdA==', 'Bearer'].map(
        (given) =>
          request('/admin/v1/workspace', given ? { headers: { authorization: given } } : {})
      )
    )
    expect(answers.map((one) => one.status)).toEqual([401, 401, 401, 401, 401])
    for (const one of answers) expect(one.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('describes each kind of output by its settings', async () => {
    const { output_kinds } = (await (await admin('/output-kinds')).json()) as {
      output_kinds: { id: string; connection_settings: Record<string, { default: unknown }> }[]
    }
    expect(output_kinds.map((one) => one.id)).toEqual(['sqs', 's3', 'firehose'])
    expect(output_kinds[1]?.connection_settings.store_by_date?.default).toBe('UNSELECTED')
  })

  it('says what is wrong with a body that is not JSON, and where there is nothing', async () => {
    const garbage = await admin('/workspace', { method: 'PUT', body: 'garbage' })
    expect(garbage.status).toBe(400)
    expect(await problemsOf(garbage)).toMatchObject([{ code: 'invalid_json' }])
    for (const path of ['/nothing', '/inputs/none', '/connections/none/status', '/profiles/1']) {
      expect((await admin(path)).status).toBe(404)
    }
  })
})

describe('the workspace', () => {
  it('is refused whole, with all its problems and their paths', async () => {
    const before = await (await admin('/workspace')).json()
    const answer = await put('/workspace', {
      inputs: [
        { id: 'a', key: 'key-a' },
        { id: 'b', key: 'key-a' },
      ],
      outputs: [{ id: 'lake', kind: 's3', settings: { access_key_id: 'AKID', colour: 1 } }],
      connections: [
        { id: 'c', input: 'a', output: 'lake', settings: { bucket_name: 'Bad_Bucket' } },
        { id: 'd', input: 'none', output: 'nowhere' },
      ],
    })
    expect(answer.status).toBe(422)
    const problems = await problemsOf(answer)
    expect(problems.map((one) => `${one.code} ${one.path}`).sort()).toEqual([
      'duplicate inputs.1.key',
      'invalid_setting connections.0.settings.bucket_name',
      'invalid_setting connections.0.settings.store_by_date',
      'not_found connections.1.input',
      'not_found connections.1.output',
      'unknown_setting outputs.0.settings.colour',
    ])
    expect(await (await admin('/workspace')).json()).toEqual(before)
  })

  it('never gives a secret back, and keeps it where the mask comes back', async () => {
    const seeded = await seed({ input: { secret: 'an-input-secret' } })
    const shown = await (await admin('/workspace')).text()
    expect(shown).not.toContain('test-secret')
    expect(shown).not.toContain('an-input-secret')
    expect(shown).not.toContain('sealed:')
    const { workspace } = JSON.parse(shown)
    expect(workspace.outputs[0].settings.secret_access_key).toBe('********')
    // Saving what was shown must leave a connection that can still sign.
    const again = await put('/workspace', workspace)
    expect(again.status).toBe(200)
    const path = `/connections/${s3Connection(seeded)}`
    const connection = JSON.parse(JSON.stringify(await (await admin(path)).json()))
    connection.settings.folder_name = 'other'
    expect((await put(path, connection)).status).toBe(200)
  })

  it('counts its versions', async () => {
    const version = async () =>
      ((await (await admin('/workspace')).json()) as { version: number }).version
    const before = await version()
    await put('/inputs/extra', { key: 'extra-key' })
    expect(await version()).toBe(before + 1)
  })
})

describe('single items', () => {
  it('are made, changed, listed and deleted', async () => {
    expect((await put('/inputs/shop', { key: 'shop-key', name: 'Shop' })).status).toBe(201)
    expect((await put('/inputs/shop', { key: 'shop-key', name: 'Shop 2' })).status).toBe(200)
    const { inputs } = (await (await admin('/inputs')).json()) as {
      inputs: { id: string; name: string }[]
    }
    expect(inputs.find((one) => one.id === 'shop')?.name).toBe('Shop 2')
    expect((await remove('/inputs/shop')).status).toBe(204)
    expect((await admin('/inputs/shop')).status).toBe(404)
    expect((await remove('/inputs/shop')).status).toBe(404)
  })

  it('that are in use cannot be deleted', async () => {
    const { key } = await seed()
    for (const path of [`/inputs/${key.replace('key-', '')}`, '/outputs/lake']) {
      const answer = await remove(path)
      expect(answer.status).toBe(409)
      expect(await problemsOf(answer)).toMatchObject([{ code: 'in_use' }])
    }
  })

  it('that still hold data are deleted only when told to discard it', async () => {
    const seeded = await seed({ sqs: false })
    const id = s3Connection(seeded)
    await outboxOf(id).enqueue(handOffOf('waiting'))
    const answer = await remove(`/connections/${id}`)
    expect(answer.status).toBe(409)
    expect(await problemsOf(answer)).toMatchObject([{ code: 'connection_not_empty' }])
    expect((await remove(`/connections/${id}?discard=true`)).status).toBe(204)
    await put(`/connections/${id}`, {
      input: seeded.key.replace('key-', ''),
      output: 'lake',
      settings: { bucket_name: seeded.bucket, store_by_date: 'none' },
    })
    expect((await status(id)).waiting.deliveries).toBe(0)
  })
})

describe('saving an S3 connection', () => {
  const rows = [
    {
      title: 'an unreachable endpoint',
      settings: { ...keys, endpoint_url: 'http://127.0.0.1:9' },
      reason: /No answer/,
    },
    {
      title: 'a wrong secret',
      settings: { ...keys, secret_access_key: 'wrong' },
      reason: /SignatureDoesNotMatch/,
    },
    {
      title: 'an unknown key',
      settings: { access_key_id: 'AKIDNOBODY', secret_access_key: 'x' },
      reason: /InvalidAccessKeyId/,
    },
    {
      title: 'a bucket that does not exist',
      settings: keys,
      bucket: 'no-such-bucket',
      reason: /NoSuchBucket/,
    },
  ]
  it.each(rows)('is refused with the reason for $title', async ({ settings, bucket, reason }) => {
    const seeded = await seed({ sqs: false, s3: false })
    const output = `o-${seeded.bucket}`.slice(0, 60)
    await put(`/outputs/${output}`, {
      kind: 's3',
      settings: { endpoint_url: gate.url, ...settings },
    })
    const answer = await put('/connections/new', {
      input: seeded.key.replace('key-', ''),
      output,
      settings: { bucket_name: bucket ?? seeded.bucket, store_by_date: 'none' },
    })
    expect(answer.status).toBe(422)
    const [problem] = await problemsOf(answer)
    expect(problem).toMatchObject({ code: 'verification_failed' })
    expect(problem?.message).toMatch(reason)
    expect((await admin('/connections/new')).status).toBe(404)
  })

  it('writes the verification object with the headers that data will have', async () => {
    const seeded = await seed({
      sqs: false,
      s3: { folder_name: '/in/', server_side_encryption: 'AES256' },
    })
    const [proof, ...more] = await gate.allObjects(seeded.bucket)
    expect(more).toEqual([])
    expect(proof?.key).toMatch(/^in\/weir_Bucket_Verification_\d{8}-\d{6}\.txt$/)
    expect(proof?.headers).toMatchObject({ 'x-amz-server-side-encryption': 'AES256' })
    expect(proof?.headers).not.toHaveProperty('x-amz-acl')
  })
})
