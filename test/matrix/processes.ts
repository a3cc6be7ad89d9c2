import { readdirSync, readFileSync } from 'node:fs'
import { until } from './wait'

export interface Process {
  pid: number
  parent: number
  /** Clock ticks since boot: older processes first. */
  startedAt: number
  /** Its first 15 characters. */
  name: string
  command: string
}

const read = (pid: number): Process[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // It stands in parentheses and may contain spaces.
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return []
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return [{ pid, parent: Number(fields[1]), startedAt: Number(fields[19]), name, command }]
  } catch {
    // Ended meanwhile.
    return []
  }
}

/** All that run, oldest first. */
const processes = (): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)))
    .sort((a, b) => a.startedAt - b.startedAt || a.pid - b.pid)

/** A process and all that it started, and they, oldest first. */
export const family = (pid: number): Process[] => {
  const all = processes()
  const members = new Set([pid])
  for (let size = 0; size < members.size; ) {
    size = members.size
    for (const one of all) if (members.has(one.parent)) members.add(one.pid)
  }
  return all.filter((one) => members.has(one.pid))
}

/** Those that are descendants of this process and have all of these texts in their command. */
export const ownProcesses = (...texts: string[]): Process[] =>
  family(process.pid).filter(({ command }) => texts.every((text) => command.includes(text)))

/** Ends processes at once, without a chance to save anything. */
export const killAll = async (victims: Process[]): Promise<void> => {
  if (victims.length === 0) throw new Error('there is no process to kill')
  for (const { pid } of victims) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone with its parent.
    }
  }
  const isLeft = ({ pid, startedAt }: Process) =>
    read(pid).some((other) => other.startedAt === startedAt)
  await until('the killed processes are gone', () => !victims.some(isLeft), 10_000)
}
