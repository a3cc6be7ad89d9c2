import { fork } from 'node:child_process'
import { resolve } from 'node:path'

/** Orders for the load generator, a process of its own. */
export type Order = { url: string; connections: number; firstMpid: number; mpids: number } & (
  | { kind: 'flat'; ms: number }
  | { kind: 'once' }
  /** Each profile: `windows` windows of three uploads each. */
  | { kind: 'windows'; windows: number; windowMs: number }
)

export interface LoadReport {
  requests: number
  /** The status of every answer that was not 202, 0 when there was none. */
  failures: number[]
  seconds: number
  latenciesMs: number[]
}

/** Runs one order. The generator ends with it. */
export const load = (order: Order): Promise<LoadReport> =>
  new Promise((done, fail) => {
    const child = fork(resolve(import.meta.dirname, 'load-generator.ts'), {
      execArgv: ['--import', 'tsx'],
    })
    child.once('message', (report: LoadReport) => {
      done(report)
      child.kill()
    })
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`The load generator ended with ${code}.`)))
    child.send(order)
  })

/** A figure with failures in it says nothing. */
export const refuseFailures = ({ failures }: LoadReport): void => {
  if (failures.length === 0) return
  const statuses = [...new Set(failures)].join(', ')
  throw new Error(`${failures.length} uploads failed with ${statuses}.`)
}
