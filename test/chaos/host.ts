import { type LocalWorker, startWorker, type WorkerSettings } from '../../worker/commands/runtime'

/** What the process of `host-process.ts` is told, once. */
export type HostSettings = Omit<WorkerSettings, 'onLog'>

/** What it tells: its modules are loaded; the worker answers; the worker logged. */
export type HostNews =
  | { kind: 'loaded' }
  | { kind: 'started'; url: string; workerdPid: number; direct: string[] }
  | { kind: 'failed'; reason: string }
  | { kind: 'logged'; level: string; message: string; error: string }

const tell = (news: HostNews): void => {
  process.send?.(news)
}

const directUrls = async ({ miniflare }: LocalWorker, settings: HostSettings): Promise<string[]> =>
  settings.miniflare?.unsafeDirectSockets
    ? [(await miniflare.unsafeGetDirectURL()).href.replace(/\/$/, '')]
    : []

const start = async (settings: HostSettings): Promise<LocalWorker> => {
  const worker = await startWorker({
    ...settings,
    onLog: ({ level, message, fields }) =>
      tell({ kind: 'logged', level, message, error: String(fields.error ?? '') }),
  })
  const { url, workerdPid = 0 } = worker
  tell({ kind: 'started', url, workerdPid, direct: await directUrls(worker, settings) })
  return worker
}

let running: Promise<LocalWorker> | undefined

process.once('message', (settings: HostSettings) => {
  running = start(settings)
  running.catch((error) => tell({ kind: 'failed', reason: String(error) }))
})

// Whoever started this is gone, so workerd must go as well.
process.on('disconnect', () => {
  const ended = running ? running.then((worker) => worker.stop()) : Promise.resolve()
  ended.catch(() => undefined).then(() => process.exit(), process.exit)
})

tell({ kind: 'loaded' })
