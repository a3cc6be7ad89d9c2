import type { AwsClient } from 'aws4fetch'
import type { Outcome } from '../../delivery'
import type { Deployment } from '../deployment'
import type { AwsAccess } from './access'
import { awsDomain, isAwsUrl } from './hosts'
import { outcomeOf } from './outcome'
import { type AwsCredentials, awsClient, sendToAws } from './request'

const refreshAheadMs = 5 * 60_000

/**
 * Provides a client with valid credentials. Those of an assumed role are cached until five minutes
 * before they expire; `forget` drops them when AWS says that they have expired.
 */
export const accessClient = (access: AwsAccess, region: string, deployment: Deployment) => {
  let current: { client: AwsClient; until_ms: number } | undefined
  let pending: Promise<AwsClient | Outcome> | undefined
  const open = async (): Promise<AwsClient | Outcome> => {
    const credentials = longTermCredentials(access, deployment)
    if (!credentials)
      return unavailable('The deployment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
    if (!access.role_arn) {
      current = { client: awsClient(credentials), until_ms: Number.POSITIVE_INFINITY }
      return current.client
    }
    const assumed = await assumeRole(awsClient(credentials), access, region)
    if ('kind' in assumed) return assumed
    current = { client: awsClient(assumed), until_ms: assumed.expires_ms - refreshAheadMs }
    return current.client
  }
  return {
    client: async (): Promise<AwsClient | Outcome> => {
      if (current && Date.now() < current.until_ms) return current.client
      pending ??= open().finally(() => {
        pending = undefined
      })
      return pending
    },
    forget: (): void => {
      current = undefined
    },
  }
}

export type AccessClient = ReturnType<typeof accessClient>

const unavailable = (reason: string): Outcome => ({ kind: 'retry', reason, ownerMustAct: true })

const longTermCredentials = (
  access: AwsAccess,
  deployment: Deployment
): AwsCredentials | undefined => {
  const { access_key_id, secret_access_key } = access
  if (access_key_id && secret_access_key) return { access_key_id, secret_access_key }
  return deployment.service
}

type Assumed = AwsCredentials & { expires_ms: number }

const assumeRole = async (
  client: AwsClient,
  access: AwsAccess,
  region: string
): Promise<Assumed | Outcome> => {
  const custom = access.endpoint_url && !isAwsUrl(access.endpoint_url)
  const url = custom ? access.endpoint_url : `https://sts.${region}.${awsDomain(region)}/`
  const answer = await sendToAws(client, {
    service: 'sts',
    region,
    url: new URL('/', url).href,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: access.role_arn ?? '',
      RoleSessionName: 'weir',
      DurationSeconds: '3600',
      ...(access.external_id ? { ExternalId: access.external_id } : {}),
    }).toString(),
  })
  const outcome = outcomeOf(answer)
  if (outcome.kind === 'reject') return unavailable(`AssumeRole: ${outcome.reason}`)
  if (outcome.kind === 'retry') return { ...outcome, reason: `AssumeRole: ${outcome.reason}` }
  return 'text' in answer ? readAssumed(answer.text) : outcome
}

const readAssumed = (xml: string): Assumed | Outcome => {
  const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]
  const [id, secret, token] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(field)
  const expires_ms = Date.parse(field('Expiration') ?? '')
  if (!id || !secret || !token || Number.isNaN(expires_ms)) {
    return { kind: 'retry', reason: 'AssumeRole answered without credentials.' }
  }
  return { access_key_id: id, secret_access_key: secret, session_token: token, expires_ms }
}
