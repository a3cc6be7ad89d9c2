import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { expect, vi } from 'vitest'

export const root = resolve(import.meta.dirname, '../..')
export const patience = { timeout: 60_000, interval: 50 }

/** An `npm start` of a test's own. */
export interface Started {
  process: ChildProcess
  url: string
  awsUrl: string
  /** Answers when it was started with `--https`. */
  httpsUrl: string
  output: () => string
  exitCode: Promise<number | null>
}

const running: Started[] = []

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })

// Below those that the system gives to connections, which could take one before it is used; and other
// ones in each process, since several test files look for theirs at the same time.
let nextPort = 10_000 + (process.pid % 500) * 40

export const freePort = async (): Promise<number> => {
  nextPort += 1
  const port = nextPort
  return (await isFree(port)) ? port : freePort()
}

/** Ports for a start, to be used again by the next one. */
export const freePorts = async () => ({
  PORT: String(await freePort()),
  AWS_PORT: String(await freePort()),
  HTTPS_PORT: String(await freePort()),
})

/** What `npm start` runs once the SDK is built. */
export const startCommand = [
  process.execPath,
  join(root, 'node_modules/tsx/dist/cli.mjs'),
  'worker/commands/start.ts',
] as const

/** Starts it; needs the variable WEIR_DATA. */
export const start = async (env: Record<string, string>, args: string[] = []): Promise<Started> => {
  const given = { ...(await freePorts()), ...env }
  const [node, ...command] = startCommand
  const child = spawn(node, [...command, ...args], {
    cwd: root,
    env: { ...process.env, ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const started = {
    process: child,
    url: `http://127.0.0.1:${given.PORT}`,
    awsUrl: `http://127.0.0.1:${given.AWS_PORT}`,
    httpsUrl: `https://127.0.0.1:${given.HTTPS_PORT}`,
    output: () => output,
    exitCode: new Promise<number | null>((done) => child.on('close', (code) => done(code))),
  }
  running.push(started)
  return started
}

/** Waits until it holds. Unlike `expect.poll` also for tests that run at the same time. */
export const until = async (assertion: () => unknown): Promise<void> => {
  await vi.waitFor(assertion, patience)
}

export const untilRunning = async ({ output }: Started): Promise<void> => {
  await until(() => expect(output()).toContain('What lands in the queue and in the bucket'))
}

export const stop = async (started: Started): Promise<number | null> => {
  started.process.kill('SIGTERM')
  return started.exitCode
}

interface Process {
  pid: number
  command: string
}

/** The processes below this one. */
export const descendants = (pid: number): Process[] => {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' })
  const all = table
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .map(([, own, parent, command = '']) => ({ pid: Number(own), parent: Number(parent), command }))
  const below = (of: number): Process[] =>
    all.flatMap((one) => (one.parent === of ? [one, ...below(one.pid)] : []))
  return below(pid)
}

/** Kills the process that runs the worker, and nothing else. */
export const killWorker = ({ process: { pid = 0 } }: Started): void => {
  const workers = descendants(pid).filter(({ command }) => command.includes('workerd'))
  expect(workers).toHaveLength(1)
  for (const worker of workers) process.kill(worker.pid, 'SIGKILL')
}

/** Stops whatever still runs. */
export const stopAll = async (): Promise<void> => {
  for (const started of running.splice(0)) await stop(started)
}
