import { exactText, isObject, type Json, type JsonObject, stringifyJson } from '../../base/json'
import { type Problem, problem } from '../../base/problem'
import type { BatchEvent, CheckedBatch } from '../../batch'
import type { GoodBatch, LeftOut } from '../events-api/bodies'
import { identityFields } from './batch'
import { isSaid, set } from './fields'
import { identityNames, sortIdentities } from './identities'

// As large as a batch may be to be stored at once.
const mostChars = 524_288

const readAudience = (audience: JsonObject, timestamp: Json | undefined): BatchEvent => {
  const { user_attributes } = audience
  return {
    event_type: 'audience_membership_change',
    data: set({
      timestamp_unixtime_ms: timestamp,
      ...audience,
      // mParticle's own examples have empty ones.
      user_attributes: Array.isArray(user_attributes)
        ? user_attributes.filter((one) => isSaid(one))
        : user_attributes,
    }),
  }
}

const readAudiences = (
  given: Json | undefined,
  timestamp: Json | undefined
): { events: BatchEvent[]; problems: Problem[] } => {
  if (given === undefined || given === null) return { events: [], problems: [] }
  if (!Array.isArray(given)) {
    return { events: [], problems: [problem('invalid', 'audiences', 'audiences must be a list.')] }
  }
  const problems = given.flatMap((one, i) =>
    isObject(one) ? [] : problem('invalid', `audiences.${i}`, 'An audience must be an object.')
  )
  const events = given.filter(isObject).map((one) => readAudience(one, timestamp))
  return { events, problems }
}

const readProfile = (profile: JsonObject, message: JsonObject, requestId: string | undefined) => {
  const { user_identities, device_identities, partner_identities, audiences, mpid, ...rest } =
    profile
  const device = sortIdentities(device_identities, identityNames.device)
  const { events, problems } = readAudiences(audiences, message.timestamp_ms)
  const batch = set({
    ...rest,
    ...identityFields({ user: user_identities, partner: partner_identities, device }),
    ...(isSaid(device.named) ? { device_info: device.named } : {}),
    account: message.account,
    mpid,
    source_request_id: requestId,
    firehose_version: message.firehose_version,
    events,
  })
  return { batch, events, problems }
}

const leftOut = (index: number, payload: Json, problems: Problem[]): LeftOut => ({
  problems: problems.map((one) => ({
    ...one,
    path: ['user_profiles', index, one.path].filter((part) => part !== '').join('.'),
  })),
  payload: stringifyJson(payload),
})

/** The user profiles of an `audience_membership_change_request`, each as a batch of its own. */
export const readMembership = (
  message: JsonObject,
  profiles: Json[]
): { good: GoodBatch[]; bad: LeftOut[] } => {
  const good: GoodBatch[] = []
  const bad: LeftOut[] = []
  const id = exactText(message.id)
  for (const [i, profile] of profiles.entries()) {
    if (!isObject(profile)) {
      bad.push(leftOut(i, profile, [problem('invalid', '', 'A user profile must be an object.')]))
      continue
    }
    // Each is known again by its place when the request comes again.
    const requestId = isSaid(id) && typeof id !== 'object' ? `${id}/${i}` : undefined
    const { problems, ...read } = readProfile(profile, message, requestId)
    const checked: CheckedBatch = { ...read, problems: [] }
    const text = stringifyJson(checked.batch)
    if (text.length > mostChars) {
      problems.push(problem('too_large', '', `A user profile may have ${mostChars} characters.`))
    } else if (saysAnything(checked)) good.push({ checked, text })
    if (problems.length > 0) bad.push(leftOut(i, profile, problems))
  }
  return { good, bad }
}

const saysAnything = ({ batch, events }: CheckedBatch): boolean =>
  events.length > 0 || isSaid(batch.user_identities)
