// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the names in workspace files look like that
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '../../worker/commands/aws/server'
import { buildWorker, type LocalWorker, startWorker } from '../../worker/commands/runtime'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'weir-config-'))
const file = join(folder, 'workspace.json')

let aws: LocalAws
let worker: LocalWorker

beforeAll(async () => {
  aws = await startAws({ port: 0 })
  await aws.createBucket('events')
  worker = await startWorker({
    port: 0,
    persist: join(folder, 'objects'),
    vars: {
      ADMIN_TOKEN: 'demo-admin-token',
      CONFIG_KEY: 'config-key',
      IDENTITY_KEY: 'identity-key',
      ALLOW_CUSTOM_ENDPOINTS: 'true',
    },
    bundleDir: await buildWorker(),
  })
}, 120_000)

afterAll(async () => {
  await worker.stop()
  await aws.stop()
  rmSync(folder, { recursive: true, force: true })
})

const environment = { WEB_SECRET: 'a-web-secret', AWS_KEY_ID: 'AKID', AWS_SECRET: 'a-key' }

interface Ran {
  code: number
  output: string
}

const config = (args: string[], env: Record<string, string> = {}): Promise<Ran> =>
  new Promise((done) => {
    const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
    const given = { PATH: process.env.PATH, HOME: folder, WEIR_URL: worker.url, ...env }
    execFile(
      process.execPath,
      [tsx, join(root, 'worker/commands/config.ts'), ...args],
      { cwd: root, env: given },
      (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, output: stdout + stderr })
    )
  })

const example = () => ({
  inputs: [{ id: 'web', key: 'web-key-1', secret: '${WEB_SECRET}', enabled: true }],
  outputs: [
    {
      id: 'lake',
      kind: 's3',
      settings: {
        access_key_id: '${AWS_KEY_ID}',
        secret_access_key: '${AWS_SECRET}',
        endpoint_url: aws.url,
      },
    },
  ],
  connections: [
    {
      id: 'web-lake',
      input: 'web',
      output: 'lake',
      shards: 2,
      settings: {
        bucket_name: 'events',
        store_by_date: 'none',
        file_seconds: 5,
        use_compression: true,
      },
    },
  ],
  audiences: [],
})

const write = (value: unknown): void => writeFileSync(file, JSON.stringify(value))

const read = () => JSON.parse(readFileSync(file, 'utf8'))

const pushed = async (): Promise<void> => {
  write(example())
  const { code, output } = await config(['push', file, '--discard'], environment)
  expect(output).toMatch(/ as version \d+\.\n$/)
  expect(code).toBe(0)
}

describe('npm run config', { timeout: 120_000 }, () => {
  beforeEach(() => write(example()))

  it('checks a file without asking the deployment', async () => {
    const nowhere = { ...environment, WEIR_URL: 'http://127.0.0.1:1' }
    expect(await config(['check', file], nowhere)).toEqual({
      code: 0,
      output: `${file} is fine (inputs 1, outputs 1, connections 1).\n`,
    })
    const away = await config(['check', file], { ...environment, WEIR_URL: 'https://weir.example' })
    expect(away.code).toBe(1)
    expect(away.output).toContain('outputs.0.settings.endpoint_url: endpoint_url must be an https')
    const allowed = {
      ...environment,
      WEIR_URL: 'https://weir.example',
      ALLOW_CUSTOM_ENDPOINTS: 'true',
    }
    expect((await config(['check', file], allowed)).code).toBe(0)
  })

  it('names all problems of a file with their paths', async () => {
    const wrong = example()
    Object.assign(wrong.connections[0]!.settings, { file_seconds: '5', colour: 'blue' })
    wrong.connections[0]!.input = 'app'
    write(wrong)
    const { code, output } = await config(['check', file], environment)
    expect(code).toBe(1)
    expect(output).toContain('connections.0.settings.file_seconds: File Time must be a whole')
    expect(output).toContain('connections.0.settings.colour: colour is not a setting')
    expect(output).toContain('connections.0.input: There is no input app.')
  })

  it('names all that the environment lacks', async () => {
    for (const command of ['check', 'push']) {
      expect(await config([command, file], { AWS_KEY_ID: 'AKID' })).toEqual({
        code: 1,
        output:
          'The environment lacks:\n  WEB_SECRET, for inputs.0.secret\n' +
          '  AWS_SECRET, for outputs.0.settings.secret_access_key\n',
      })
    }
  })

  it('takes push, diff, pull, check and diff to agree', async () => {
    await pushed()
    const equal = expect.objectContaining({ code: 0, output: expect.stringContaining(' equals ') })
    // Secrets are not compared, so diff does not ask for them.
    expect(await config(['diff', file], { AWS_KEY_ID: 'AKID' })).toEqual(equal)

    const pull = await config(['pull', file], environment)
    expect(pull).toMatchObject({ code: 0 })
    expect(pull.output).toContain('from the environment: WEB_SECRET, AWS_KEY_ID, AWS_SECRET\n')
    const { inputs, outputs, connections } = example()
    expect(read()).toMatchObject({ inputs, outputs, connections, audiences: [] })
    expect((await config(['check', file], environment)).code).toBe(0)
    expect(await config(['diff', file], environment)).toEqual(equal)

    rmSync(file)
    await config(['pull', file])
    expect(readFileSync(file, 'utf8')).toContain('"${LAKE_SECRET_ACCESS_KEY}"')
    expect(read().connections[0]).toEqual({ ...connections[0], enabled: true })
    expect(await config(['diff', file])).toEqual(equal)
    const renamed = { WEB_SECRET: 'a-web-secret', LAKE_SECRET_ACCESS_KEY: 'a-key' }
    expect((await config(['push', file], renamed)).code).toBe(0)
  })

  it('shows what push would change, and never a secret', async () => {
    await pushed()
    const changed = example()
    Object.assign(changed.connections[0]!, { shards: 3 })
    Object.assign(changed.inputs[0]!, { app_name: 'Shop' })
    delete (changed.inputs[0]! as { secret?: string }).secret
    changed.outputs[0]!.settings.secret_access_key = 'a-literal-key'
    write(changed)
    const { code, output } = await config(['diff', file], environment)
    expect(code).toBe(1)
    expect(output.split('\n').slice(1)).toEqual([
      '~ connections.web-lake.shards: 2 -> 3',
      '+ inputs.web.app_name: "Shop"',
      '- inputs.web.secret: set',
      '',
    ])
    expect(output).toContain('differs')
  })

  it('passes on why the deployment refuses a push, which then changes nothing', async () => {
    await pushed()
    const wrong = example()
    wrong.connections[0]!.settings.bucket_name = 'no-such-bucket'
    write(wrong)
    const { code, output } = await config(['push', file], environment)
    expect(code).toBe(1)
    expect(output).toMatch(/refused:\n {2}connections\.0\.settings: The output did not accept the/)
    const unverified = await config(['push', file, '--no-verify'], environment)
    expect(unverified.code).toBe(0)
  })

  it('lists versions, and goes back to one with its secrets', async () => {
    await pushed()
    const { output } = await config(['push', file], environment)
    const first = Number(/ as version (\d+)/.exec(output)?.[1])
    const changed = example()
    changed.inputs = []
    changed.connections = []
    write(changed)
    await config(['push', file, '--discard'], { ...environment, AWS_SECRET: 'another-key' })
    expect(await config(['rollback', String(first)])).toEqual({
      code: 0,
      output: `${worker.url} now has version ${first} as version ${first + 2}.\n`,
    })
    const lines = (await config(['history'])).output.split('\n')
    expect(lines[0]).toMatch(/^version {2}time +by +note +changes$/)
    const note = `restored version ${first}`
    expect(lines[1]).toMatch(new RegExp(`^${first + 2} .+Z {2}admin +${note} +\\d+$`))
    expect(lines[2]).toMatch(new RegExp(`^${first + 1} .+Z {2}admin +- +\\d+$`))
    // Equal but for the secret of now: saving it again would be a change if it were not back.
    write(example())
    const again = await config(['push', file], environment)
    expect(again.output).toContain(`as version ${first + 2}.`)
    expect(await config(['rollback', '999999'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no 999999 in versions.'),
    })
  })

  it('does not send the token of the demo, or any in clear, to another machine', async () => {
    const far = { ...environment, WEIR_URL: 'https://weir.example' }
    expect(await config(['push', file], far)).toEqual({
      code: 1,
      output: 'Set WEIR_ADMIN_TOKEN to the ADMIN_TOKEN of https://weir.example/\n',
    })
    const clear = { ...environment, WEIR_URL: 'http://weir.example', WEIR_ADMIN_TOKEN: 't' }
    expect((await config(['push', file], clear)).output).toContain('must begin with https://')
  })

  it('tells a wrong token, a silent address, a file that is no JSON and a wrong call', async () => {
    const wrongToken = await config(['pull', file], { WEIR_ADMIN_TOKEN: 'wrong' })
    expect(wrongToken).toMatchObject({ code: 1 })
    expect(wrongToken.output).toContain('Send the admin token')
    const silent = await config(['diff', file], { ...environment, WEIR_URL: 'http://127.0.0.1:1' })
    expect(silent.code).toBe(2)
    expect(silent.output).toMatch(/^http:\/\/127\.0\.0\.1:1 does not answer: .+\n$/)
    writeFileSync(file, '{"inputs": [}')
    expect((await config(['check', file])).output).toContain(`${file} is not JSON: `)
    for (const args of [
      [],
      ['check'],
      ['look', file],
      ['check', file, '--discard'],
      ['history', '1'],
      ['rollback'],
      ['rollback', '1', '--yes'],
    ]) {
      const { code, output } = await config(args)
      expect(code).toBe(2)
      expect(output).toContain('npm run config -- check FILE')
    }
  })
})
