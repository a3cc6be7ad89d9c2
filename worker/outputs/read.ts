import type { Result } from '../base/problem'
import { readSettings } from '../settings'
import type { Deployment } from './deployment'
import type { OutputFacts, OutputKind } from './kind'

type Settings = Record<string, unknown>

/** Checks the settings that a user entered for an output. Paths of problems are setting ids. */
export const readConfiguration = (
  kind: OutputKind,
  settings: unknown,
  deployment: Deployment
): Result<Settings> => {
  const read = readSettings(kind.configuration, settings)
  if (!read.ok) return read
  const problems = kind.checkConfiguration(read.value, deployment)
  return problems.length > 0 ? { ok: false, problems } : read
}

export interface EnteredConnection {
  settings: unknown
  isOfAudiences: boolean
  output: OutputFacts
  deployment: Deployment
}

/** Likewise for a connection. Not ok, and without problems, while only its output has problems. */
export const readConnection = (
  kind: OutputKind,
  { settings, isOfAudiences, output, deployment }: EnteredConnection
): Result<Settings> => {
  const read = readSettings(isOfAudiences ? kind.triggers : kind.connection, settings)
  if (!read.ok) return read
  const configuration = readSettings(kind.configuration, output.settings)
  const problems = kind.checkConnection({
    settings: read.value,
    isOfAudiences,
    registration: output.registration,
    configuration: configuration.ok ? configuration.value : undefined,
    deployment,
  })
  return problems.length > 0 || !configuration.ok ? { ok: false, problems } : read
}
