import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'

export const root = resolve(import.meta.dirname, '../..')
export const patience = { timeout: 60_000, interval: 50 }

/** An `npm start` of a test's own. */
export interface Started {
  process: ChildProcess
  url: string
  awsUrl: string
  output: () => string
  exitCode: Promise<number | null>
}

const running: Started[] = []
export const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** What `npm start` runs once the SDK is built; needs the variable WEIR_DATA. */
export const start = async (env: Record<string, string>): Promise<Started> => {
  const ports = { PORT: String(await freePort()), AWS_PORT: String(await freePort()) }
  const given = { ...ports, ...env }
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
  const child = spawn(process.execPath, [tsx, 'worker/local/start.ts'], {
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
    output: () => output,
    exitCode: new Promise<number | null>((done) => child.on('close', (code) => done(code))),
  }
  running.push(started)
  return started
}

export const untilRunning = async ({ output }: Started): Promise<void> => {
  await expect.poll(output, patience).toContain('What lands in the queue and in the bucket')
}

export const stop = async (started: Started): Promise<number | null> => {
  started.process.kill('SIGTERM')
  return started.exitCode
}

/** Stops whatever still runs. */
export const stopAll = async (): Promise<void> => {
  for (const started of running.splice(0)) await stop(started)
}
