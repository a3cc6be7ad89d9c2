import type { Input } from '../../config/input'
import type { Snapshot } from '../../config/snapshot'
import { keyRefusal } from '../../dialects/mobile-analytics/access-key'
import { type Refusal, refusal } from '../../dialects/mobile-analytics/refusal'
import type { AccessKey, MobileAnalytics } from '../../dialects/mobile-analytics/settings'
import { originProblem } from '../upload/open-input'

/** The input to which a request's access key belongs. Its signature is not checked yet. */
export interface Sender {
  input: Input
  app: MobileAnalytics
  key: AccessKey
}

export const senderOf = (
  { inputByAccessKey }: Snapshot,
  accessKeyId: string
): Sender | undefined => {
  const input = inputByAccessKey.get(accessKeyId)
  const app = input?.mobile_analytics
  const key = app?.access_keys.find(({ access_key_id }) => access_key_id === accessKeyId)
  return input && app && key ? { input, app, key } : undefined
}

const originRefusal = (input: Input, origin: string | undefined): Refusal | undefined => {
  const refused = originProblem(input, origin)
  if (!refused) return undefined
  return { ...refusal('AccessDeniedException', refused.message), problems: refused.problems }
}

/**
 * Why a sender is refused before anything of its request is read: its key, or its page's origin.
 */
export const senderRefusal = (
  { input, key }: Sender,
  origin: string | undefined
): Refusal | undefined =>
  keyRefusal({ ...key, enabled: input.enabled && key.enabled }, Date.now()) ??
  originRefusal(input, origin)
