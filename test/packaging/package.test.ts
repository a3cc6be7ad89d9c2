import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Project, root } from './project'

const run = promisify(execFile)
let project: Project

beforeAll(() => {
  project = createProject()
})
afterAll(() => project.remove())

/** Runs a command of node_modules; fails with what it printed. */
const runTool = async (script: string, ...args: string[]) => {
  const tool = join(root, 'node_modules', script)
  try {
    await run(process.execPath, [tool, ...args], { cwd: project.folder })
  } catch (error) {
    throw Error(error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error))
  }
}

/** Writes the examples of the SDK's README as files of their own and returns their paths. */
const examples = () => {
  const text = readFileSync(join(root, 'sdk/README.md'), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code)
  return blocks
    .filter((code) => !code.includes("'vue'"))
    .map((code, i) => {
      const given = code.includes('const weir')
        ? ''
        : "declare const weir: import('weir').FullClient\n"
      const key = 'declare const applicationServerKey: string\n'
      return project.write(`example-${i}.ts`, `${code}\n${given}${key}export {}\n`)
    })
}

/** Writes the examples of the README of weir/firehose, which import one another. */
const integrations = () => {
  const text = readFileSync(join(root, 'sdk/firehose/README.md'), 'utf8')
  const [acme = '', ...others] = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)
  const types = "import type { Account } from 'weir/firehose'\n"
  const given = 'export declare const isExpired: (account: Account) => Promise<boolean>\n'
  const exported = acme.replace('class Acme', 'export class Acme')
  return [
    project.write('acme.ts', `${types}${exported}${given}`),
    ...others.map((code = '', i) =>
      project.write(`integration-${i}.ts`, code.replace("'./acme'", "'./acme.js'"))
    ),
  ]
}

// They are for script tags: nothing can be imported from them.
const SCRIPTS = ['weir.js', 'weir-full.js', 'weir-push.js']

describe('the package', { timeout: 120_000 }, () => {
  it('has nothing that publint complains of', async () => {
    const { messages } = await publint({ pkgDir: project.weir, pack: false, strict: true })
    expect(messages).toEqual([])
  })

  it.each([
    ['Bundler', 'ESNext'],
    ['NodeNext', 'NodeNext'],
  ])('has the types of all that its modules export, resolved as %s', async (resolution, module) => {
    project.write('package.json', '{ "type": "module" }')
    const { exports } = JSON.parse(readFileSync(join(project.weir, 'package.json'), 'utf8'))
    const imports = Object.entries<{ types?: string; default: string }>(exports)
      .filter(([, { types }]) => types)
      .map(async ([path, entry], i) => {
        const names = Object.keys(await import(join(project.weir, entry.default)))
        expect(names.length).toBeGreaterThan(3)
        const list = `{ ${names.join(', ')} }`
        const code = `import ${list} from '${path.replace('.', 'weir')}'\nexport const all = ${list}\n`
        return project.write(`exports-${i}.ts`, code)
      })
    expect(imports).toHaveLength(2)
    await runTool(
      'typescript/bin/tsc',
      ...(await Promise.all(imports)),
      ...['--noEmit', '--strict', '--skipLibCheck', 'false', '--lib', 'ES2022,DOM'],
      ...['--moduleResolution', resolution, '--module', module, '--target', 'ES2022']
    )
  })

  it.each([
    ['Bundler', 'ESNext'],
    ['NodeNext', 'NodeNext'],
  ])('has types that a strict project accepts, resolved as %s', async (resolution, module) => {
    project.write('package.json', '{ "type": "module" }')
    const page = readFileSync(join(import.meta.dirname, 'typed-events.ts'), 'utf8')
    const files = [project.write('page.ts', page), ...examples()]
    await runTool(
      'typescript/bin/tsc',
      ...[...files, '--noEmit', '--strict', '--exactOptionalPropertyTypes'],
      ...['--lib', 'ES2022,DOM', '--skipLibCheck', 'false'],
      ...['--moduleResolution', resolution, '--module', module, '--target', 'ES2022']
    )
  })

  it.each([
    ['with the types of Node alone', 'ES2022', ['--types', 'node']],
    ['with those of browsers, too', 'ES2022,DOM', ['--types', 'node']],
  ])('has examples of integrations that a strict project accepts %s', async (_, lib, types) => {
    project.write('package.json', '{ "type": "module" }')
    await runTool(
      'typescript/bin/tsc',
      ...[...integrations(), '--noEmit', '--strict', '--noUncheckedIndexedAccess'],
      ...['--lib', lib, ...types, '--typeRoots', join(root, 'node_modules/@types')],
      ...['--module', 'NodeNext', '--moduleResolution', 'NodeNext', '--target', 'ES2022']
    )
  })

  it('has types of weir/firehose that need no others', async () => {
    const code = "import { MessageProcessor, node } from 'weir/firehose'\n"
    const use = 'export const listenerOf = (processor: MessageProcessor) => node(processor)\n'
    await runTool(
      'typescript/bin/tsc',
      ...[project.write('bare.ts', code + use), '--noEmit', '--strict', '--skipLibCheck', 'false'],
      ...['--lib', 'ES2022', '--module', 'NodeNext', '--target', 'ES2022']
    )
  })

  it('has weir/firehose as a module that reads well, needs nothing, and that no page is served', () => {
    const code = readFileSync(join(project.weir, 'dist/sdk/firehose.mjs'), 'utf8')
    expect(code).toContain('  processCustomEvent(_event) {')
    expect(code).not.toMatch(/^import |\brequire\(|process\.env/m)
    const served = readdirSync(join(root, 'dist/public'), { recursive: true, encoding: 'utf8' })
    expect(served.filter((name) => name.includes('firehose'))).toEqual([])
  })

  it('leaves out of a Worker what is for Node and Lambda', async () => {
    const contents = "export { MessageProcessor, worker } from 'weir/firehose'"
    const stdin = { contents, resolveDir: project.folder }
    const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false })
    const text = outputFiles[0]?.text ?? ''
    expect(text).toContain('processCustomEvent')
    expect(text).not.toMatch(/rawPath|isBase64Encoded|writeHead/)
  })

  it('leads to each of its scripts', () => {
    for (const name of SCRIPTS)
      expect(readFileSync(join(project.weir, 'dist/sdk', name), 'utf8')).toContain('weir')
  })
})
