import { problem, RequestError } from '../base/problem'
import type { Deployment } from '../outputs/deployment'
import type { ConfigKeys } from './seal'

/** Secrets are not in wrangler.toml, so `wrangler types` does not know them. */
export interface Secrets {
  ADMIN_TOKEN?: string
  CONFIG_KEY?: string
  /** The old key, while `CONFIG_KEY` is being replaced. */
  CONFIG_KEY_PREVIOUS?: string
  IDENTITY_KEY?: string
  AWS_ACCESS_KEY_ID?: string
  AWS_SECRET_ACCESS_KEY?: string
}

/** Optional variables, which are not in wrangler.toml. */
interface OptionalVariables {
  /** `acme.cloudflareaccess.com`, if Cloudflare Access protects the console. */
  ACCESS_TEAM_DOMAIN?: string
  /** The audience tag of the console's application in Access. */
  ACCESS_AUD?: string
}

/** Without the binding, no metrics are written. */
interface MetricsBinding {
  METRICS?: AnalyticsEngineDataset
}

/** The worker's environment. `ASSETS` is optional: `startWorker` has no static files by default. */
export type Bindings = Omit<Env, 'ASSETS' | 'METRICS'> &
  Partial<Pick<Env, 'ASSETS'>> &
  Secrets &
  MetricsBinding &
  OptionalVariables

export const deploymentOf = (env: Bindings): Deployment => ({
  service:
    env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY
      ? { access_key_id: env.AWS_ACCESS_KEY_ID, secret_access_key: env.AWS_SECRET_ACCESS_KEY }
      : undefined,
  allowsCustomEndpoints: String(env.ALLOW_CUSTOM_ENDPOINTS) === 'true',
  roleBucketPrefix: env.ROLE_BUCKET_PREFIX ?? 'mp-forwarding-',
})

/** @throws RequestError 503 when the secret is missing; its message says how to set it */
export const requireSecret = (
  env: Bindings,
  name: 'ADMIN_TOKEN' | 'CONFIG_KEY' | 'IDENTITY_KEY'
): string => {
  const value = env[name]
  if (value) return value
  const message = `The deployment lacks the secret ${name}. Set it: wrangler secret put ${name}`
  throw new RequestError(503, [problem('missing_secret', name, message)])
}

/** @throws RequestError 503 when `CONFIG_KEY` is missing */
export const configKeys = (env: Bindings): ConfigKeys => ({
  current: requireSecret(env, 'CONFIG_KEY'),
  previous: env.CONFIG_KEY_PREVIOUS,
})

export const numberVariable = (value: string | number | undefined, fallback: number): number => {
  const number = Number(value)
  return value !== undefined && value !== '' && Number.isFinite(number) ? number : fallback
}

interface ObjectNamespaces {
  WORKSPACE: Bindings['WORKSPACE']
  PROFILE: Bindings['PROFILE']
  OUTBOX: Bindings['OUTBOX']
  DIRECTORY: Bindings['DIRECTORY']
  RATE_LIMIT: Bindings['RATE_LIMIT']
  AUTHORIZATION: Bindings['AUTHORIZATION']
  LIVE: Bindings['LIVE']
}

const isJurisdiction = (name: string): name is DurableObjectJurisdiction =>
  name === 'eu' || name === 'fedramp'

/** The namespaces of Durable Objects, restricted to the deployment's jurisdiction if it has one. */
export const objectsOf = (env: Bindings): ObjectNamespaces => {
  const name = String(env.DATA_JURISDICTION ?? '')
  if (name === '') return env
  if (!isJurisdiction(name)) {
    const message = `DATA_JURISDICTION must be eu or fedramp, not ${name}.`
    throw new RequestError(503, [problem('invalid_variable', 'DATA_JURISDICTION', message)])
  }
  return {
    WORKSPACE: env.WORKSPACE.jurisdiction(name),
    PROFILE: env.PROFILE.jurisdiction(name),
    OUTBOX: env.OUTBOX.jurisdiction(name),
    DIRECTORY: env.DIRECTORY.jurisdiction(name),
    RATE_LIMIT: env.RATE_LIMIT.jurisdiction(name),
    AUTHORIZATION: env.AUTHORIZATION.jurisdiction(name),
    LIVE: env.LIVE.jurisdiction(name),
  }
}
