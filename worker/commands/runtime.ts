import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Miniflare, NoOpLog, type WorkerOptions } from 'miniflare'
import {
  experimental_readRawConfig,
  unstable_getMiniflareWorkerOptions,
  unstable_readConfig,
} from 'wrangler'
import { fingerprint } from './fingerprint.js'
import { type LogLine, readLogLine, writeLogLine } from './log-line'
import { workerdProcesses } from './processes'

const run = promisify(execFile)

const root = resolve(import.meta.dirname, '../..')
const configFile = join(root, 'wrangler.toml')
const host = '127.0.0.1'

// What the bundle is made of. Its packages are those of the lockfile.
const sources = ['worker', 'sdk', 'wrangler.toml', 'tsconfig.json', 'package-lock.json']

/**
 * Bundles the worker with `wrangler deploy --dry-run`, from the same configuration but without its
 * `[build]` command: the SDK is built already, and other processes may be reading it. A bundle that
 * was made of the same sources is left as it is.
 *
 * @returns the folder of the bundle, for `startWorker`. A bundle that is there is replaced in one
 *   step, so that several processes may build at once.
 */
export const buildWorker = async (bundleDir = join(root, 'dist/worker')): Promise<string> => {
  const print = fingerprint(sources.map((name) => join(root, name)))
  const printFile = join(bundleDir, 'fingerprint.txt')
  if ((await readFile(printFile, 'utf8').catch(() => '')) === print) return bundleDir
  await mkdir(bundleDir, { recursive: true })
  const work = await mkdtemp(`${bundleDir}-`)
  try {
    const config = readRawConfig()
    const assets = { ...config.assets, directory: work }
    const main = join(root, config.main)
    await writeFile(
      join(work, 'wrangler.json'),
      JSON.stringify({ ...config, main, assets, build: undefined })
    )
    const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
    const out = join(work, 'out')
    await run(
      process.execPath,
      [wrangler, 'deploy', '--dry-run', '--outdir', out, '--config', join(work, 'wrangler.json')],
      { cwd: root, env: { ...process.env, ...offline } }
    )
    await rm(printFile, { force: true })
    for (const name of await readdir(out)) await rename(join(out, name), join(bundleDir, name))
    await writeFile(printFile, print)
    return bundleDir
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    throw new Error(`The worker could not be built. ${output}`.trim(), { cause: error })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const offline = {
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
}

interface RawConfig {
  main: string
  build?: unknown
  assets?: object
}

// Not parsed: wrangler checks this file when it builds from it.
const readRawConfig = (): RawConfig =>
  experimental_readRawConfig({ config: configFile }).rawConfig as unknown as RawConfig

export interface WorkerSettings {
  /** 0 lets the system choose. */
  port: number
  /** The folder where the Durable Objects are kept. A worker may be started on it again. */
  persist: string
  /** Variables and secrets, on top of those of `wrangler.toml`. `.dev.vars` is not read. */
  vars: Record<string, string>
  /** Static files, answered before the worker, by the rules of its `_headers`. None by default. */
  publicDir?: string
  /** What `buildWorker` returned. By default the worker is built. */
  bundleDir?: string
  /** Called for each line that the worker logs. By default warnings and errors go to stderr. */
  onLog?: (line: LogLine) => void
  /** Options of Miniflare for the worker, on top of ours. */
  miniflare?: Partial<WorkerOptions>
}

export interface LocalWorker {
  /** Without a slash at the end. */
  url: string
  port: number
  miniflare: Miniflare
  /** The process that runs the worker, which tests kill. Undefined where there is no `ps`. */
  workerdPid: number | undefined
  /** Ends the process. Nothing that was acknowledged is lost. */
  stop(): Promise<void>
}

/**
 * Runs the built worker on 127.0.0.1.
 *
 * Rejects when the port is in use and when the worker does not start.
 */
export const startWorker = async (settings: WorkerSettings): Promise<LocalWorker> => {
  const { persist, onLog = writeLogLine } = settings
  const bundleDir = settings.bundleDir ?? (await buildWorker())
  const port = await checkPort(settings.port)
  const before = await workerdProcesses()
  const miniflare = new Miniflare({
    host,
    port,
    cf: false,
    log: new NoOpLog(),
    handleStructuredLogs: (line) => onLog(readLogLine(line)),
    durableObjectsPersist: persist,
    workers: [await workerOptions(settings, bundleDir)],
  })
  try {
    const { origin } = await miniflare.ready
    const started = (await workerdProcesses()).filter((pid) => !before.includes(pid))
    return {
      url: origin,
      port: Number(new URL(origin).port),
      miniflare,
      workerdPid: started.length === 1 ? started[0] : undefined,
      stop: () => miniflare.dispose(),
    }
  } catch (error) {
    await miniflare.dispose()
    throw error
  }
}

const workerOptions = async (
  { vars, publicDir, miniflare }: WorkerSettings,
  bundleDir: string
): Promise<WorkerOptions> => {
  const { assets, ...config } = unstable_readConfig({ config: configFile })
  const { workerOptions: configured } = publicDir
    ? unstable_getMiniflareWorkerOptions({ ...config, assets }, undefined, {
        overrides: { assets: { directory: resolve(publicDir) } },
      })
    : unstable_getMiniflareWorkerOptions(config)
  const path = resolve(bundleDir, 'index.js')
  const bundled = {
    name: config.name ?? 'weir',
    modulesRoot: resolve(bundleDir),
    modules: [{ type: 'ESModule' as const, path, contents: await readFile(path, 'utf8') }],
    bindings: { ...config.vars, ...vars },
  }
  return Object.assign({}, configured, bundled, miniflare)
}

/** Rejects with a short message when the port is in use: workerd would print its whole log. @returns the port */
export const checkPort = (port: number): Promise<number> =>
  new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is in use. Stop what runs there or set PORT.`, { cause: error })
          : error
      )
    )
    probe.listen(port, host, () => probe.close(() => done(port)))
  })
