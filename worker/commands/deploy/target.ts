import { unstable_readConfig } from 'wrangler'
import { UsageError } from '../arguments'

export interface Target {
  /** An environment of `wrangler.toml`; empty: its top level. */
  environment: string
  /** The worker's. */
  name: string
  accountId: string | undefined
}

const read = (configFile: string, environment: string) =>
  unstable_readConfig({ config: configFile, env: environment }, { hideWarnings: true })

/** @throws UsageError when `wrangler.toml` has no such environment */
export const targetOf = (environment: string, configFile: string): Target => {
  const { definedEnvironments = [] } = read(configFile, '')
  if (environment !== '' && !definedEnvironments.includes(environment)) {
    const known = definedEnvironments.join(', ') || 'none'
    throw new UsageError(`wrangler.toml has no environment ${environment}, but: ${known}.`)
  }
  const { name, account_id: accountId } = read(configFile, environment)
  return { environment, name: name ?? 'weir', accountId }
}
