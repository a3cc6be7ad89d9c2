import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { buildWorker, startWorker, type WorkerSettings } from '../../worker/commands/runtime'
import type { Gate } from '../support/gate/gate'

export interface BenchWorker {
  /** The worker's own socket, without Miniflare in between. */
  url: string
  workerdPid: number
  /** Asks a path that only the bench's entries have. */
  ask<T>(path: string): Promise<T>
  stop(): Promise<void>
}

const adminToken = 'bench-admin-token'
const vars = {
  ADMIN_TOKEN: adminToken,
  CONFIG_KEY: 'bench-config-key',
  IDENTITY_KEY: 'bench-identity-key',
  ALLOW_CUSTOM_ENDPOINTS: 'true',
}

export const keys = { accessKeyId: 'AKIDBENCH', secretAccessKey: 'bench-secret' }

/**
 * Where the objects are stored: in memory where the system has such a folder. workerd waits for
 * `fsync` in the thread that runs the worker, so a disk under other load would be all that is
 * measured. `BENCH_STATE` names another folder.
 */
export const stateFolder = (): string =>
  process.env.BENCH_STATE ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

const bundleEntry = async (entry: string, dir: string): Promise<void> => {
  await build({
    entryPoints: [join(import.meta.dirname, 'worker', entry)],
    outfile: join(dir, 'index.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['cloudflare:*'],
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'error',
  })
}

const start = async (
  more: Record<string, string>,
  { entry, miniflare }: { entry?: string; miniflare?: WorkerSettings['miniflare'] }
): Promise<BenchWorker> => {
  const dir = await mkdtemp(join(stateFolder(), 'weir-bench-'))
  if (entry) await bundleEntry(entry, dir)
  else await buildWorker(dir)
  const worker = await startWorker({
    port: 0,
    persist: join(dir, 'state'),
    bundleDir: dir,
    vars: { ...vars, ...more },
    miniflare: { unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }], ...miniflare },
    // The outputs refuse where the bench tells them to.
    onLog: ({ level, message, fields }) => {
      if (level === 'error' && fields.state !== 'failing') console.error(message, fields)
    },
  })
  const url = (await worker.miniflare.unsafeGetDirectURL()).origin
  if (!worker.workerdPid) throw new Error('The process of workerd was not found.')
  return {
    url,
    workerdPid: worker.workerdPid,
    ask: async <T>(path: string) => (await fetch(`${url}/_bench/${path}`)).json() as Promise<T>,
    async stop() {
      await worker.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export const startWeir = (more: Record<string, string> = {}) => start(more, {})
export const startCounted = (more: Record<string, string> = {}) =>
  start(more, { entry: 'counted.mts' })
export const startFillable = (more: Record<string, string> = {}) =>
  start(more, { entry: 'fillable.mts' })
export const startBaseline = () =>
  start(
    {},
    {
      entry: 'baseline.mts',
      miniflare: { durableObjects: { ROW: { className: 'Row', useSQLite: true } } },
    }
  )

/** Calls the admin API; throws unless it answers with success. */
export const callAdmin = async (
  worker: BenchWorker,
  path: string,
  init: RequestInit = {}
): Promise<unknown> => {
  const response = await fetch(`${worker.url}/admin/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${adminToken}` },
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

export const uploadUrl = (worker: BenchWorker): string =>
  `${worker.url}/webevents/v3/JS/bench-key/events`

let places = 0

/** Where the events of the bench's input go: a bucket and a queue that nobody used before. */
export const seedWorkspace = async (
  worker: BenchWorker,
  gate: Gate,
  { fileSeconds, withQueue }: { fileSeconds: number; withQueue: boolean }
): Promise<{ bucket: string; queue: string }> => {
  const name = `bench-${++places}`
  await gate.createBucket(name)
  await gate.createQueue(name)
  const settings = {
    access_key_id: keys.accessKeyId,
    secret_access_key: keys.secretAccessKey,
    endpoint_url: gate.url,
  }
  const lake = { bucket_name: name, store_by_date: 'none', file_seconds: fileSeconds }
  const queue = { queue_url: `${gate.url}/000000000000/${name}` }
  const file = {
    inputs: [{ id: 'bench', key: 'bench-key' }],
    outputs: [
      { id: 's3', kind: 's3', settings },
      { id: 'sqs', kind: 'sqs', settings },
    ],
    connections: [
      { id: 'lake', input: 'bench', output: 's3', settings: lake },
      { id: 'queue', input: 'bench', output: 'sqs', enabled: withQueue, settings: queue },
    ],
  }
  await callAdmin(worker, '/workspace', { method: 'PUT', body: JSON.stringify(file) })
  return { bucket: name, queue: name }
}

/** Audiences, and a queue that is told of them, beside what `seedWorkspace` made. */
export const addAudiences = async (
  worker: BenchWorker,
  gate: Gate,
  { queue, audiences }: { queue: string; audiences: { id: string; rule: object }[] }
): Promise<void> => {
  const { workspace: file } = (await callAdmin(worker, '/workspace')) as {
    workspace: { connections: object[] }
  }
  const told = {
    id: 'told',
    audiences: audiences.map(({ id }) => id),
    output: 'sqs',
    settings: { queue_url: `${gate.url}/000000000000/${queue}`, aws_region: 'us-east-1' },
  }
  const body = JSON.stringify({ ...file, connections: [...file.connections, told], audiences })
  await callAdmin(worker, '/workspace', { method: 'PUT', body })
}

/** Nothing waits in the outboxes. */
export const isDrained = async (worker: BenchWorker): Promise<boolean> => {
  const { connections } = (await callAdmin(worker, '/status')) as {
    connections: { waiting: { deliveries: number } }[]
  }
  return connections.every((one) => one.waiting.deliveries === 0)
}
