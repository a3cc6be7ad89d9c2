import { parseArgs } from 'node:util'
import { unstable_readConfig } from 'wrangler'

export interface Arguments {
  /** An environment of `wrangler.toml`; empty for what stands at its top. */
  environment: string
  isDry: boolean
}

export interface Target {
  environment: string
  /** The worker's. */
  name: string
  accountId: string | undefined
}

/** The command was not understood. */
export class Mistyped extends Error {}

/** @throws Mistyped that names what is strange */
export const readArguments = (args: string[]): Arguments => {
  try {
    const { values } = parseArgs({
      args,
      options: { env: { type: 'string', default: '' }, 'dry-run': { type: 'boolean' } },
    })
    return { environment: values.env, isDry: values['dry-run'] ?? false }
  } catch (error) {
    throw new Mistyped(error instanceof Error ? error.message : String(error))
  }
}

const read = (configFile: string, environment: string) =>
  unstable_readConfig({ config: configFile, env: environment }, { hideWarnings: true })

/** @throws Mistyped when `wrangler.toml` has no such environment */
export const targetOf = (environment: string, configFile: string): Target => {
  const { definedEnvironments = [] } = read(configFile, '')
  if (environment !== '' && !definedEnvironments.includes(environment)) {
    const known = definedEnvironments.join(', ') || 'none'
    throw new Mistyped(`wrangler.toml has no environment ${environment}, but: ${known}`)
  }
  const { name, account_id: accountId } = read(configFile, environment)
  return { environment, name: name ?? 'weir', accountId }
}
