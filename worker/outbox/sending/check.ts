import type { Outcome } from '../../delivery'
import { verifyBucket } from '../../outputs/s3'
import { probeQueue } from '../../outputs/sqs-probe'
import { verify } from '../integration/contact'
import type { IntegrationTarget, Target } from './target'

/**
 * Tries settings out before they are saved: S3 gets a verification object, an integration a request
 * without data, SQS nothing unless somebody asked to have them tried.
 */
export const checkTarget = async (
  target: Target,
  { nowMs, isThorough }: { nowMs: number; isThorough: boolean }
): Promise<Outcome> => {
  if (target.kind === 's3') return verifyBucket(target, nowMs)
  if (target.kind === 'sqs') return isThorough ? probeQueue(target) : { kind: 'delivered' }
  if (await awaitsAuthorization(target)) return { kind: 'delivered' }
  return verify(target)
}

// Its owner can only authorize an output that is saved.
const awaitsAuthorization = async ({ integration }: IntegrationTarget): Promise<boolean> => {
  const { accessToken } = integration
  if (!accessToken?.isGivenByPeople) return false
  return 'kind' in (await accessToken.header())
}
