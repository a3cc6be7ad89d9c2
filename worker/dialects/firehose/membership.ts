import { exactText, isObject, type Json, type JsonObject, stringifyJson } from '../../base/json'
import { type Problem, problem, within } from '../../base/problem'
import type { BatchEvent, CheckedBatch } from '../../batch'
import type { DecodedBatch, RejectedBatch } from '../batch-body'
import { identityFields } from './batch'
import { isFilled, set } from './fields'
import { identityNames, sortIdentities } from './identities'

// The largest batch that a profile can store in one row.
const maxChars = 524_288

const readAudience = (audience: JsonObject, timestamp: Json | undefined): BatchEvent => {
  const { user_attributes } = audience
  return {
    event_type: 'audience_membership_change',
    data: set({
      timestamp_unixtime_ms: timestamp,
      ...audience,
      // mParticle's own examples have empty entries.
      user_attributes: Array.isArray(user_attributes)
        ? user_attributes.filter(isFilled)
        : user_attributes,
    }),
  }
}

const readAudiences = (
  list: Json | undefined,
  timestamp: Json | undefined
): { events: BatchEvent[]; problems: Problem[] } => {
  if (list === undefined || list === null) return { events: [], problems: [] }
  if (!Array.isArray(list)) {
    return { events: [], problems: [problem('invalid', 'audiences', 'audiences must be a list.')] }
  }
  const problems = list.flatMap((audience, i) =>
    isObject(audience) ? [] : problem('invalid', `audiences.${i}`, 'An audience must be an object.')
  )
  const events = list.filter(isObject).map((audience) => readAudience(audience, timestamp))
  return { events, problems }
}

const readProfile = (profile: JsonObject, message: JsonObject, requestId: string | undefined) => {
  const { user_identities, device_identities, partner_identities, audiences, mpid, ...rest } =
    profile
  const device = sortIdentities(device_identities, identityNames.device)
  const { events, problems } = readAudiences(audiences, message.timestamp_ms)
  const batch = set({
    ...rest,
    ...identityFields({ users: user_identities, partners: partner_identities, device }),
    ...(isFilled(device.named) ? { device_info: device.named } : {}),
    account: message.account,
    mpid,
    source_request_id: requestId,
    firehose_version: message.firehose_version,
    events,
  })
  return { batch, events, problems }
}

const rejected = (index: number, payload: Json, problems: Problem[]): RejectedBatch => ({
  problems: within(`user_profiles.${index}`, problems),
  payload: stringifyJson(payload),
})

/** Converts each user profile of an `audience_membership_change_request` to a batch. */
export const readMembership = (
  message: JsonObject,
  profiles: Json[]
): { good: DecodedBatch[]; bad: RejectedBatch[] } => {
  const good: DecodedBatch[] = []
  const bad: RejectedBatch[] = []
  const id = exactText(message.id)
  for (const [i, profile] of profiles.entries()) {
    if (!isObject(profile)) {
      bad.push(rejected(i, profile, [problem('invalid', '', 'A user profile must be an object.')]))
      continue
    }
    // By its index, each batch of a repeated message is deduplicated by itself.
    const requestId = isFilled(id) && typeof id !== 'object' ? `${id}/${i}` : undefined
    const { problems, ...read } = readProfile(profile, message, requestId)
    const checked: CheckedBatch = { ...read, problems: [] }
    const text = stringifyJson(checked.batch)
    if (text.length > maxChars) {
      problems.push(problem('too_large', '', `A user profile may have ${maxChars} characters.`))
    } else if (isWorthStoring(checked)) good.push({ checked, text })
    if (problems.length > 0) bad.push(rejected(i, profile, problems))
  }
  return { good, bad }
}

const isWorthStoring = ({ batch, events }: CheckedBatch): boolean =>
  events.length > 0 || isFilled(batch.user_identities)
