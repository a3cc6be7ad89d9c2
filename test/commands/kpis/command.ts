import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll } from 'vitest'
import { runKpis } from '../../../worker/commands/kpis/run'

export const root = resolve(import.meta.dirname, '../../..')
const tsxLoader = join(root, 'node_modules/tsx/dist/loader.mjs')
const program = join(root, 'worker/commands/kpis/kpis.ts')

export interface Answer {
  code: number
  out: string
  err: string
}

const collector = () => {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}

/** Runs the command without a process of its own. */
export const kpis = async (args: string[], env: Record<string, string> = {}): Promise<Answer> => {
  const [out, err] = [collector(), collector()]
  const code = await runKpis(args, {
    env: { ...process.env, ...env },
    stdout: out.stream,
    stderr: err.stream,
  })
  return { code, out: out.text(), err: err.text() }
}

/** What `npm run kpis` runs. */
export const kpisCommand = [process.execPath, '--import', tsxLoader, program] as const

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
