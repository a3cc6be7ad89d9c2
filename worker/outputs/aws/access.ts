import { type Problem, problem } from '../../base/problem'
import { settings } from '../../settings'
import type { Deployment } from '../deployment'
import { isAwsUrl } from './hosts'

/** How an output identifies itself to AWS, with its secret in clear. */
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
  const add = (path: string, message: string) =>
    problems.push(problem('invalid_setting', path, message))
  if (Boolean(access.access_key_id) !== Boolean(access.secret_access_key)) {
    const missing = access.access_key_id ? 'secret_access_key' : 'access_key_id'
    add(missing, 'access_key_id and secret_access_key must be set together or left blank together.')
  }
  if (access.role_arn && access.access_key_id) {
    add('role_arn', 'role_arn is assumed with the deployment’s keys: leave access_key_id blank.')
  }
  if (access.role_arn && !deployment.service) {
    add(
      'role_arn',
      'role_arn needs the deployment secrets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    )
  }
  if (access.external_id && !access.role_arn) add('external_id', 'external_id needs a role_arn.')
  if (access.endpoint_url && !isAllowedUrl(access.endpoint_url, deployment)) {
    add(
      'endpoint_url',
      'endpoint_url must be an https URL of AWS; others need ALLOW_CUSTOM_ENDPOINTS.'
    )
  }
  return problems
}

/** Whether a deployment lets AWS requests be sent to a URL. */
export const isAllowedUrl = (url: string, deployment: Deployment): boolean =>
  deployment.allowsCustomEndpoints || isAwsUrl(url)
