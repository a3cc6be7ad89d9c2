import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Process {
  pid: number
  parent: number
  command: string
}

/** All processes of this machine. Empty where there is no `ps`. */
const processes = async (): Promise<Process[]> => {
  try {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,comm='])
    return stdout.split('\n').flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
      return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
    })
  } catch {
    return []
  }
}

/** The workerd processes that this process has started. */
export const workerdProcesses = async (): Promise<number[]> =>
  (await processes())
    .filter(({ parent, command }) => parent === process.pid && command.includes('workerd'))
    .map(({ pid }) => pid)

/**
 * Calls `act` when the parent of this process is gone: tsx, or for an npm script the shell between
 * npm and tsx. When these are killed by a signal, they do not forward it.
 */
export const whenAbandoned = async (act: () => void): Promise<void> => {
  const { ppid: parent } = process
  const all = process.env.npm_lifecycle_event ? await processes() : []
  const grandparent = all.find(({ pid }) => pid === parent)?.parent
  const timer = setInterval(() => {
    if (process.ppid === parent && (grandparent === undefined || isAlive(grandparent))) return
    clearInterval(timer)
    act()
  }, 500)
  timer.unref()
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: the process exists, but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
