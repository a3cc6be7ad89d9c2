import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
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

/** Writes the examples of the READMEs as files of their own and tells their paths. */
const examples = () => {
  const texts = ['README.md', 'sdk/README.md'].map((name) => readFileSync(join(root, name), 'utf8'))
  const blocks = [...texts.join('\n').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code)
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

// They are for script tags: nothing can be imported from them.
const SCRIPTS = ['weir.js', 'weir-full.js', 'weir-push.js']

describe('the package', { timeout: 120_000 }, () => {
  it('has nothing that publint complains of', async () => {
    const { messages } = await publint({ pkgDir: project.weir, pack: false, strict: true })
    expect(messages).toEqual([])
  })

  it('has the types of what it exports', () =>
    runTool(
      '@arethetypeswrong/cli/dist/index.js',
      project.tarball,
      ...['--profile', 'esm-only', '--no-definitely-typed', '--exclude-entrypoints'],
      ...SCRIPTS
    ))

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

  it('leads to each of its scripts', () => {
    for (const name of SCRIPTS)
      expect(readFileSync(join(project.weir, 'dist/sdk', name), 'utf8')).toContain('weir')
  })
})
