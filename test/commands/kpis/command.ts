import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'

export const root = resolve(import.meta.dirname, '../../..')
export const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
export const program = join(root, 'worker/commands/kpis/kpis.ts')

export interface Answer {
  code: number | null
  out: string
  err: string
}

/** Runs what `npm run kpis` runs. */
export const kpis = (args: string[], env: Record<string, string> = {}): Promise<Answer> => {
  const child = spawn(process.execPath, [tsx, program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const answer = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    answer.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    answer.err += chunk
  })
  return new Promise((done) => child.on('close', (code) => done({ code, ...answer })))
}

/** The JSON report; throws what the program said when there is none. */
export const report = async (args: string[], env: Record<string, string> = {}) => {
  const { code, out, err } = await kpis([...args, '--format', 'json'], env)
  if (code !== 0) throw new Error(err)
  return JSON.parse(out)
}

const folders: string[] = []

/** A folder that is gone after the tests of the file. */
export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-kpis-test-'))
  folders.push(folder)
  return folder
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
