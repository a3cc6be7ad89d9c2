import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

export interface Output {
  exitCode: number
  stdout: string
  stderr: string
}

/** Wrangler, as a command with an environment. */
export interface Wrangler {
  /** Runs a command without questions and returns its output, without colours. */
  ask: (args: string[]) => Promise<Output>
  /** Runs a command that may ask and print by itself. @returns its exit code */
  run: (args: string[], env?: Record<string, string>) => Promise<number>
}

export interface WranglerCommand {
  /** A program and its first arguments. */
  command: readonly [string, ...string[]]
  env: NodeJS.ProcessEnv
  /** What `run` prints goes nowhere. */
  isSilent?: boolean
}

/** Rejects when the program cannot be started. */
export const wranglerOf = ({ command, env, isSilent = false }: WranglerCommand): Wrangler => {
  const [program, ...first] = command
  return {
    ask: (args) =>
      new Promise((done, fail) => {
        const child = spawn(program, [...first, ...args], {
          env: { ...env, NO_COLOR: '1', FORCE_COLOR: '0', WRANGLER_HIDE_BANNER: 'true' },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        const output = { stdout: '', stderr: '' }
        for (const name of ['stdout', 'stderr'] as const) {
          child[name].setEncoding('utf8').on('data', (text: string) => {
            output[name] += stripVTControlCharacters(text)
          })
        }
        child.once('error', fail)
        child.once('close', (code) => done({ exitCode: code ?? 1, ...output }))
      }),
    run: (args, more = {}) =>
      new Promise((done, fail) => {
        const child = spawn(program, [...first, ...args], {
          env: { ...env, ...more },
          stdio: isSilent ? 'ignore' : 'inherit',
        })
        // Ctrl-C reaches the child by itself; without a listener this process would end before it
        // and leave the file with the secrets behind.
        const wait = () => {}
        process.on('SIGINT', wait)
        child.once('error', fail)
        child.once('close', (code) => {
          process.removeListener('SIGINT', wait)
          done(code ?? 1)
        })
      }),
  }
}

/** The error message of a failed command. */
export const complaintOf = ({ stdout, stderr }: Output): string => (stderr.trim() || stdout).trim()
