import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { snippet } from '../sdk/browser/snippet'
import { references, withReference } from '../worker/commands/settings-reference'
import { readWorkspaceFile } from '../worker/config/workspace-file'
import { bundleOf } from './bench/sdk/bundles'

const pages = [
  'README.md',
  'sdk/README.md',
  'sdk/firehose/README.md',
  'test/README.md',
  'worker/README.md',
  'worker/admin/README.md',
  'worker/audiences/README.md',
  'worker/dialects/weir/README.md',
  'worker/outputs/firehose/README.md',
  'worker/dialects/events-api/README.md',
  'worker/commands/kpis/README.md',
  'worker/operations.md',
  ...Object.keys(references),
]
const readme = readFileSync('README.md', 'utf8')
const sdkReadme = readFileSync('sdk/README.md', 'utf8')
const { scripts, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))

it.each(Object.entries(references))('lists every setting in %s', (file, reference) => {
  const document = readFileSync(file, 'utf8')
  expect(document).toBe(withReference(document, reference))
})

const deployment = { allowsCustomEndpoints: false, roleBucketPrefix: '' }

it('has at most 220 lines', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(220)
})

it.each(['README.md', 'worker/config/README.md'])(
  'has a workspace that can be saved in %s',
  (file) => {
    const [, text = ''] = /```json\n(.*?)```/s.exec(readFileSync(file, 'utf8')) ?? []
    expect(readWorkspaceFile(JSON.parse(text), deployment)).toMatchObject({ ok: true })
  }
)

it('has audiences that can be saved as they stand', () => {
  const document = readFileSync('worker/audiences/README.md', 'utf8')
  const [, text = ''] = /```json\n(.*?)```/s.exec(document) ?? []
  const access = { access_key_id: 'AKID', secret_access_key: 'long-enough' }
  const outputs = [{ id: 'queue', kind: 'sqs', settings: access }]
  expect(readWorkspaceFile({ outputs, ...JSON.parse(text) }, deployment)).toMatchObject({
    ok: true,
  })
})

it('gives a reason for each runtime dependency', () => {
  const map = readFileSync('worker/README.md', 'utf8')
  for (const name of Object.keys(dependencies))
    expect(map).toMatch(new RegExp(`^\\| \`${name}\` \\| .+ \\|$`, 'm'))
})

describe.each(pages)('%s', (name) => {
  const text = readFileSync(name, 'utf8')

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run (\w[\w:-]*)/g)].map((match) => match[1]!)
    expect(named.filter((one) => !(one in scripts))).toEqual([])
  })

  it('leads only to what exists', () => {
    for (const [, path = '', heading] of text.matchAll(/\]\(([^)#:]*)(?:#([^)]*))?\)/g)) {
      const target = path ? join(dirname(name), path) : name
      expect(existsSync(target), path).toBe(true)
      if (!heading) continue
      const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)]
      const ids = headings.map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
      expect(ids).toContain(heading)
    }
  })
})

describe('sdk/README.md', () => {
  const folder = 'sdk/browser'
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const source = (file: string) => readFileSync(join(folder, file), 'utf8')

  /** Names of what the exported interfaces have whose names match. */
  const members = (interfaces: RegExp, member: RegExp) =>
    files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...source(file).matchAll(/^export interface (\w+).*?^}/gms)])
      .filter(([, name = '']) => interfaces.test(name))
      .flatMap(([body]) => [...body.matchAll(member)].map(([, name = '']) => name))

  it('has the snippet as it is, and its hash', () => {
    const hash = createHash('sha256').update(snippet).digest('base64')
    for (const text of [readme, sdkReadme]) expect(text).toContain(`<script>${snippet}</script>`)
    expect(sdkReadme).toContain(`script-src 'sha256-${hash}'`)
    expect(readFileSync('worker/commands/demo/demo/snippet.txt', 'utf8').trim()).toBe(snippet)
  })

  it('names every call', () => {
    const features = /^(Client|People|Commerce|Errors|Privacy|Sessions|Aliases|Push|Geolocation)$/
    const calls = members(features, /^ {2}(\w+)[<(]/gm)
    expect(calls.length).toBeGreaterThan(25)
    expect(
      calls.filter((name) => !sdkReadme.includes(`\`${name}(`) && !sdkReadme.includes(` ${name}(`))
    ).toEqual([])
  })

  it('names every option', () => {
    const options = members(/Options$/, /^ {2}(\w+)\??[:(]/gm)
    expect(options.length).toBeGreaterThan(15)
    expect(options.filter((name) => !new RegExp(`\\b${name}\\b`).test(sdkReadme))).toEqual([])
  })

  it('tells the size of each feature, to fifty bytes', { timeout: 60_000 }, async () => {
    const size = async (...names: string[]) => brotliCompressSync(await bundleOf(names)).length
    const rows = [...sdkReadme.matchAll(/^\| (?:core: )?`(\w+)` \|.*\| ([\d,]+) \|$/gm)]
    const core = await size('createClient')
    const features = files.map((file) => /^features\/(\w+)\.ts$/.exec(file)?.[1] ?? '')
    const listed = features.filter((name) => name && name !== 'default' && name !== 'full')
    expect(rows.map(([, name]) => name).sort()).toEqual(['createClient', ...listed].sort())
    for (const [, name = '', told = ''] of rows) {
      const measured = name === 'createClient' ? core : (await size('createClient', name)) - core
      expect(Math.abs(measured - Number(told.replace(',', ''))), name).toBeLessThanOrEqual(50)
    }
  })
})
