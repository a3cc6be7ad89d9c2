import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { Miniflare, Response } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as library from '../../sdk/firehose'
import { eventRequest, registrationRequest } from './fixture'
import { hookNames } from './recorder'

const folder = join(import.meta.dirname, '../../sdk/firehose')
const readme = readFileSync(join(folder, 'README.md'), 'utf8')
const blockOf = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(readme)?.[1] ?? ''
const example = blockOf('ts')
const curls = [...readme.matchAll(/^curl .*? -d '(.*?)'$/gms)].map(([, body = '']) => body)

const bundled = async (): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: example, loader: 'ts' },
    alias: { 'weir/firehose': join(folder, 'index.ts') },
    bundle: true,
    format: 'esm',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

describe('the integration of the README', () => {
  const sent: { url: string; authorization: string | null; body: unknown }[] = []
  let status = 200
  let worker: Miniflare

  beforeAll(async () => {
    worker = new Miniflare({
      modules: true,
      script: await bundled(),
      compatibilityDate: /compatibility_date = "(.*)"/.exec(blockOf('toml'))?.[1] ?? '',
      bindings: { TOKEN: 'local' },
      // What the example logs of its failures is not to be seen among the tests.
      handleRuntimeStdio: (...streams) => streams.forEach((stream) => void stream.resume()),
      outboundService: async (request) => {
        const { url, headers } = request
        const body = await request.json()
        sent.push({ url, authorization: headers.get('authorization'), body })
        return new Response(null, { status })
      },
    })
    await worker.ready
  })
  afterAll(() => worker.dispose())

  const post = async (body: string, token = 'local') => {
    const headers = { authorization: `Token ${token}` }
    const answer = await worker.dispatchFetch('http://acme/', { method: 'POST', headers, body })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  it('is complete in less than 40 lines', () => {
    expect(example.trim().split('\n').length).toBeLessThan(40)
  })

  it('answers what the README sends', async () => {
    sent.length = 0
    const answers = []
    for (const body of curls) answers.push(await post(body))
    expect(answers).toMatchObject([
      { status: 200, body: { type: 'module_registration_response', name: 'Acme' } },
      { status: 200, body: { type: 'event_processing_response' } },
    ])
    expect(sent).toEqual([
      {
        url: 'https://api.acme.example/events',
        authorization: 'Bearer k',
        body: { id: 'f93adf6a-be2c-4dd9-be7a-3bac9a0987ee', name: 'Signed up' },
      },
    ])
  })

  it('has registration without the token, and nothing else', async () => {
    expect((await post(JSON.stringify(registrationRequest), 'wrong')).status).toBe(200)
    expect((await post(JSON.stringify(eventRequest), 'wrong')).status).toBe(401)
  })

  it.each([
    [429, 503],
    [500, 503],
    [403, 422],
  ])('turns the status %i of its receiver into %i', async (receiverStatus, expected) => {
    status = receiverStatus
    expect((await post(curls[1]!)).status).toBe(expected)
  })
})

describe('the README', () => {
  it('installs the package that is made here, not that of another owner', () => {
    const { name, version } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8'))
    const installed = [...readme.matchAll(/npm install (\S+)/g)].map(([, what]) => what)
    expect(installed).toEqual([`./${name}-${version}.tgz`])
  })

  it('names every action of audiences', () => {
    const actions = [...library.subscriptionActions, ...library.membershipActions]
    expect(actions.filter((action) => !readme.includes(`\`${action}\``))).toEqual([])
  })

  const named = (text: string) => new RegExp(`\\b${text.replace('$', '\\$')}\\b`).test(readme)

  it('names every hook', () => {
    const names = [...hookNames, 'processMessage']
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !named(name))).toEqual([])
  })

  it('names every function and error', () => {
    const names = Object.entries(library).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : []
    )
    expect(names.filter((name) => !named(name))).toEqual([])
  })

  it('names every field of a registration', () => {
    const source = readFileSync(join(folder, 'registration.ts'), 'utf8')
    const fields = [...source.matchAll(/^ +(\w+)\??:/gm)].map(([, name = '']) => name)
    expect(fields.length).toBeGreaterThan(40)
    expect(fields.filter((name) => !named(name))).toEqual([])
  })
})
