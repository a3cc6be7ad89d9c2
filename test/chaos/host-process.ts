import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { HostNews, HostSettings } from './host'
import { wait } from './random'

const root = resolve(import.meta.dirname, '../..')

/** A worker in a process group of its own: Miniflare's process and workerd. */
export interface Host {
  url: string
  /** The worker's own socket, without Miniflare's entry worker, when the settings ask for one. */
  direct: string | undefined
  workerdPid: number
  /** SIGKILL for the whole group. Resolves when both processes are gone. */
  kill(): Promise<void>
}

/** A process that has loaded its modules, so that a start after a kill takes little time. */
export interface SpareHost {
  start(settings: HostSettings, onLog: (line: HostNews & { kind: 'logged' }) => void): Promise<Host>
  kill(): Promise<void>
}

const startMs = 30_000

export const spawnHost = (): SpareHost => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', resolve(import.meta.dirname, 'host.ts')],
    { cwd: root, detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }
  )
  const loaded = newsOf(child, 'loaded')
  loaded.catch(() => undefined)
  return {
    kill: () => killGroup(child, undefined),
    async start(settings, onLog) {
      await loaded
      child.on('message', (news: HostNews) => {
        if (news.kind === 'logged') onLog(news)
      })
      const started = newsOf(child, 'started')
      child.send(settings)
      const { url, workerdPid, direct } = await started
      if (workerdPid === 0) throw new Error('The process of workerd was not found.')
      return { url, workerdPid, direct: direct[0], kill: () => killGroup(child, workerdPid) }
    },
  }
}

const newsOf = <K extends HostNews['kind']>(
  child: ChildProcess,
  kind: K
): Promise<HostNews & { kind: K }> =>
  new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`No "${kind}" from the host.`)), startMs)
    const settle = (end: () => void): void => {
      clearTimeout(late)
      child.off('message', onMessage)
      child.off('exit', onExit)
      end()
    }
    const isAwaited = (news: HostNews): news is HostNews & { kind: K } => news.kind === kind
    const onMessage = (news: HostNews): void => {
      if (isAwaited(news)) settle(() => done(news))
      if (news.kind === 'failed') settle(() => fail(new Error(news.reason)))
    }
    const onExit = (): void => settle(() => fail(new Error('The host ended.')))
    child.on('message', onMessage)
    child.on('exit', onExit)
  })

const killGroup = async (child: ChildProcess, workerdPid: number | undefined): Promise<void> => {
  const { pid } = child
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
  for (const one of [pid, workerdPid]) {
    if (one !== undefined) await gone(one)
  }
}

const gone = async (pid: number): Promise<void> => {
  for (let i = 0; i < 500; i++) {
    if (!(await isAlive(pid))) return
    await wait(10)
  }
  throw new Error(`Process ${pid} survived SIGKILL.`)
}

// A zombie is dead: who inherited it has just not looked yet.
const isAlive = async (pid: number): Promise<boolean> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return !/^\d+ \(.*\) [ZX]/s.test(stat)
  } catch {
    return false
  }
}
