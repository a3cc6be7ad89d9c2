import { type Problem, problem } from '../../base/problem'
import { isAllowedUrl } from '../aws/access'
import type { Deployment } from '../deployment'
import type { SqsConfiguration, SqsConnection } from './settings'

/** Rules across the rows, without I/O. */
export const checkQueue = (
  configuration: SqsConfiguration,
  connection: Pick<SqsConnection, 'queue_url'>,
  deployment: Deployment
): Problem[] => {
  const problems: Problem[] = []
  const { queue_url: queueUrl } = connection
  if (!/^\/\d{12}\/[\w-]{1,80}(\.fifo)?$/.test(new URL(queueUrl).pathname)) {
    const message = 'queue_url must end in /ACCOUNT_ID/QUEUE_NAME.'
    problems.push(problem('invalid_setting', 'queue_url', message))
  }
  if (!configuration.endpoint_url && !isAllowedUrl(queueUrl, deployment)) {
    const message = 'queue_url must be an https URL of AWS; others need ALLOW_CUSTOM_ENDPOINTS.'
    problems.push(problem('invalid_setting', 'queue_url', message))
  }
  if (!configuration.access_key_id && !configuration.role_arn) {
    const message = 'The output needs an access_key_id and secret_access_key, or a role_arn.'
    problems.push(problem('missing_credentials', 'queue_url', message))
  }
  return problems
}
