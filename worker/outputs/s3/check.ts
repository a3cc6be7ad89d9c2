import { type Problem, problem } from '../../base/problem'
import type { Deployment } from '../deployment'
import { type S3Configuration, type S3Connection, usesDeploymentKeys } from './settings'

/** Rules across the rows, without I/O. */
export const checkBucket = (
  configuration: S3Configuration,
  connection: Pick<S3Connection, 'bucket_name' | 'folder_name'>,
  deployment: Deployment
): Problem[] => {
  const problems: Problem[] = []
  if (/(^|\/)\.{1,2}(\/|$)/.test(connection.folder_name ?? '')) {
    const message = 'folder_name must not have . or .. as a folder.'
    problems.push(problem('invalid_setting', 'folder_name', message))
  }
  if (/[\p{Cc}\p{Cs}]/u.test(connection.folder_name ?? '')) {
    const message = 'folder_name must not have control characters.'
    problems.push(problem('invalid_setting', 'folder_name', message))
  }
  if (!usesDeploymentKeys(configuration)) return problems
  if (!deployment.service) {
    const message =
      'The output has no keys, and the deployment lacks AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    problems.push(problem('missing_credentials', 'bucket_name', message))
  }
  if (!connection.bucket_name.startsWith(deployment.roleBucketPrefix)) {
    const message = `Without keys of its own, bucket_name must begin with ${deployment.roleBucketPrefix}.`
    problems.push(problem('invalid_setting', 'bucket_name', message))
  }
  return problems
}
