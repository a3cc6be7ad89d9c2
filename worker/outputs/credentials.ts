import type { AwsClient } from 'aws4fetch'
import { type Problem, problem } from '../base/problem'
import type { Outcome } from '../delivery'
import { settings } from '../settings'
import { type AwsCredentials, awsClient, awsDomain, isAwsUrl, outcomeOf, sendToAws } from './aws'

/** What the deployment brings, as opposed to the workspace. */
export interface Deployment {
  service?: AwsCredentials | undefined
  allowsCustomEndpoints: boolean
  roleBucketPrefix: string
}

/** How a connection identifies itself to AWS, opened. */
export interface AwsAccess {
  access_key_id?: string | undefined
  secret_access_key?: string | undefined
  role_arn?: string | undefined
  external_id?: string | undefined
  endpoint_url?: string | undefined
}

export const accessSettings = settings({
  access_key_id: {
    type: 'text',
    label: 'Access Key ID',
    help: "The IAM user's access key id.",
    source: 'sqs, s3',
  },
  secret_access_key: {
    type: 'secret',
    label: 'Secret Access Key',
    help: "The IAM user's secret access key. Sealed when stored, never shown again.",
    source: 'sqs, s3',
  },
  role_arn: {
    type: 'text',
    label: 'Role ARN',
    help: "A role of yours that the deployment's own AWS identity assumes. Leave both keys blank.",
    pattern: '^arn:aws[a-z-]*:iam::\\d{12}:role/.+$',
    patternHelp: 'must be the ARN of an IAM role',
    source: 'weir',
  },
  external_id: {
    type: 'text',
    label: 'External ID',
    help: "The external id that the role's trust policy asks for.",
    pattern: '^[\\w+=,.@:/-]{2,1224}$',
    patternHelp: 'must have 2 to 1,224 letters, digits or +=,.@:/-',
    source: 'weir',
  },
  endpoint_url: {
    type: 'url',
    label: 'Endpoint URL',
    help: 'Instead of the AWS endpoint: an S3-compatible store, an emulator, a VPC endpoint.',
    source: 'weir',
  },
})

/** Rules across the access rows, without I/O. */
export const checkAccess = (access: AwsAccess, deployment: Deployment): Problem[] => {
  const problems: Problem[] = []
  const one = (path: string, message: string) =>
    problems.push(problem('invalid_setting', path, message))
  if (Boolean(access.access_key_id) !== Boolean(access.secret_access_key)) {
    const missing = access.access_key_id ? 'secret_access_key' : 'access_key_id'
    one(missing, 'access_key_id and secret_access_key must be set together or left blank together.')
  }
  if (access.role_arn && access.access_key_id) {
    one('role_arn', 'role_arn is assumed with the deployment’s keys: leave access_key_id blank.')
  }
  if (access.role_arn && !deployment.service) {
    one(
      'role_arn',
      'role_arn needs the deployment secrets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    )
  }
  if (access.external_id && !access.role_arn) one('external_id', 'external_id needs a role_arn.')
  if (access.endpoint_url && !mayUse(access.endpoint_url, deployment)) {
    one(
      'endpoint_url',
      'endpoint_url must be an https URL of AWS; others need ALLOW_CUSTOM_ENDPOINTS.'
    )
  }
  return problems
}

export const mayUse = (url: string, deployment: Deployment): boolean =>
  deployment.allowsCustomEndpoints || isAwsUrl(url)

const refreshAheadMs = 5 * 60_000

/**
 * Hands out a client with the credentials of the moment. Assumed roles are kept in memory until
 * five minutes before they expire; `forget` drops them when AWS says that they did.
 */
export const accessClient = (access: AwsAccess, region: string, deployment: Deployment) => {
  let current: { client: AwsClient; until_ms: number } | undefined
  let pending: Promise<AwsClient | Outcome> | undefined
  const open = async (): Promise<AwsClient | Outcome> => {
    const own = ownCredentials(access, deployment)
    if (!own)
      return unavailable('The deployment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
    if (!access.role_arn) {
      current = { client: awsClient(own), until_ms: Number.POSITIVE_INFINITY }
      return current.client
    }
    const assumed = await assumeRole(awsClient(own), access, region)
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

const ownCredentials = (access: AwsAccess, deployment: Deployment): AwsCredentials | undefined => {
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
