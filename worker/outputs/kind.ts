import type { Registration } from '../../sdk/firehose/registration'
import type { Problem, Result } from '../base/problem'
import type { FirehoseFacts } from '../connections/firehose/facts'
import type { ConnectionSettings } from '../connections/settings'
import type { TriggerSettings } from '../connections/trigger-settings'
import type { SettingRows } from '../settings'
import type { Deployment } from './credentials'

/** What a connection's settings are judged by: its output's, and what that registered. */
export interface OutputFacts {
  settings: unknown
  registration?: Registration | undefined
}

/** A kind of output: its settings, and the rules that span them. */
export interface OutputKind {
  label: string
  configuration: SettingRows
  connection: SettingRows
  /** Reads an output's settings; paths are setting ids. */
  readConfiguration: (given: unknown, deployment: Deployment) => Result<Record<string, unknown>>
  /** Reads a connection's settings against its output's. */
  readConnection: (given: unknown, output: OutputFacts, deployment: Deployment) => Result<unknown>
  /** A stored connection's settings, for use on events: never fails. */
  read: (stored: unknown) => ConnectionSettings
  /** The settings of connections that are fed by audiences, and the same of these. */
  triggers: SettingRows
  readTriggers: (given: unknown, output: OutputFacts, deployment: Deployment) => Result<unknown>
  readStoredTriggers: (stored: unknown) => TriggerSettings
  /** The settings of a connection that are sealed, by their paths within its settings. */
  secretPaths?: (output: OutputFacts) => string[][]
  /** What else a connection goes by. */
  firehose?: (connection: string, output: OutputFacts) => FirehoseFacts | undefined
}

export const judged = <T>(read: Result<T>, rules: (value: T) => Problem[]): Result<T> => {
  if (!read.ok) return read
  const problems = rules(read.value)
  return problems.length > 0 ? { ok: false, problems } : read
}

/** A connection's settings, judged by those of its output; an output that is wrong has problems of its own. */
export const judgedWith = <T, C>(
  own: Result<T>,
  output: Result<C>,
  rules: (own: T, output: C) => Problem[]
): Result<T> => {
  if (own.ok && !output.ok) return noProblem
  return judged(own, (value) => (output.ok ? rules(value, output.value) : []))
}

const noProblem: Result<never> = { ok: false, problems: [] }
