import { stringifyJson } from '../../base/json'
import { problem } from '../../base/problem'
import type { DecodedBatch } from '../../dialects/batch-body'
import { isProbe, readBatch } from '../../dialects/firehose/batch'
import { textOf } from '../../dialects/firehose/fields'
import { readMembership } from '../../dialects/firehose/membership'
import { redactBatch } from '../../dialects/privacy/body'
import type { FieldRules } from '../../dialects/privacy/rules'
import { acceptBatch } from '../upload/accept-batch'
import { acceptBulk } from '../upload/accept-bulk'
import { limitRequests } from '../upload/limits'
import { redactionRules } from '../upload/read-body'
import { reject } from '../upload/reject'
import { type InputMessage, refuse, serverRequest } from './message'

// The rules of an input are about fields of batches, so they apply to the converted message.
const redacted = (decoded: DecodedBatch, rules: FieldRules | undefined): DecodedBatch => {
  if (!rules) return decoded
  const checked = redactBatch(decoded.checked, rules)
  return { checked, text: stringifyJson(checked.batch) }
}

/**
 * Stores the batch of an `event_processing_request`, unless it only probes whether weir answers.
 */
export const storeEvents = async ({ request, message }: InputMessage): Promise<void> => {
  const { env, input } = request
  const batch = readBatch(message, input.firehose?.module_name ?? input.id)
  if (isProbe(batch)) return
  const edge = { channel: textOf(message.source_channel) ?? 'unknown' }
  await limitRequests(request)
  const { problems, text, ...checked } = batch
  if (problems.length > 0) reject(request, { problems, payload: stringifyJson(message) })
  const decoded = { checked: { ...checked, problems: [] }, text }
  await acceptBatch({ ...request, edge }, redacted(decoded, redactionRules(env, input)))
}

/** Stores a batch for each user profile of an `audience_membership_change_request`. */
export const storeMemberships = async (inputMessage: InputMessage): Promise<void> => {
  const { request, message } = inputMessage
  const { user_profiles: profiles } = message
  if (!Array.isArray(profiles)) {
    const invalid = problem('invalid', 'user_profiles', 'user_profiles must be a list.')
    return refuse(inputMessage, [invalid])
  }
  await limitRequests(request)
  const { good, bad } = readMembership(message, profiles)
  const rules = redactionRules(request.env, request.input)
  await acceptBulk(
    serverRequest(inputMessage),
    good.map((batch) => redacted(batch, rules))
  )
  for (const rejected of bad) reject(request, rejected)
}
