import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { buildWorker } from '../../worker/commands/runtime'
import { sdkSizes } from './sdk/bundles'
import { type Budgeted, median, number, spread } from './statistics'

const run = promisify(execFile)
const starts = 9
const bundleBudgetBytes = 150 * 1024

// The bundle as a script with the runtime's module replaced, so that a plain V8 can evaluate it.
const asScript = async (bundle: string, dir: string): Promise<string> => {
  const file = join(dir, 'script.js')
  await build({
    entryPoints: [bundle],
    outfile: file,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
    plugins: [
      {
        name: 'runtime',
        setup(setup) {
          setup.onResolve({ filter: /^cloudflare:/ }, ({ path }) => ({
            path,
            namespace: 'runtime',
          }))
          setup.onLoad({ filter: /.*/, namespace: 'runtime' }, () => ({
            contents: 'export class DurableObject {}; export const env = {}, exports = {}',
          }))
        },
      },
    ],
  })
  return file
}

const evaluation = `
  const { readFileSync } = require('node:fs')
  const { Script } = require('node:vm')
  const code = readFileSync(process.argv[1], 'utf8')
  const before = process.cpuUsage()
  new Script(code).runInThisContext()
  const { user, system } = process.cpuUsage(before)
  console.log((user + system) / 1000)
`

const startCpuMs = async (script: string): Promise<number[]> => {
  const measured: number[] = []
  for (let i = 0; i < starts; i++) {
    const { stdout } = await run(process.execPath, ['-e', evaluation, script])
    measured.push(Number(stdout))
  }
  return measured
}

/** What has to be loaded: the worker's bundle and the SDK. */
export const benchSizes = async (): Promise<{ budgets: Budgeted[]; details: string }> => {
  const dir = await mkdtemp(join(tmpdir(), 'weir-sizes-'))
  try {
    const bundle = join(await buildWorker(dir), 'index.js')
    const content = await readFile(bundle)
    const packed = gzipSync(content).length
    await writeFile(join(dir, 'package.json'), '{}')
    const cpu = await startCpuMs(await asScript(bundle, dir))
    const sdk = await sdkSizes()
    return {
      budgets: [
        {
          what: 'Worker: bundle, KiB gzip',
          budget: '≤ 150',
          measured: `${number(packed / 1024)} (${number(content.length / 1024)} KiB plain)`,
          isKept: packed <= bundleBudgetBytes,
        },
        {
          what: `Worker: start-up CPU ms (compiled and evaluated in a new Node process, ${starts} times)`,
          budget: '< 50',
          measured: spread(cpu),
          isKept: median(cpu) < 50,
        },
        ...sdk.budgets,
      ],
      details: sdk.details,
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
