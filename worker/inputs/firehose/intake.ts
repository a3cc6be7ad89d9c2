import { type JsonObject, stringifyJson } from '../../base/json'
import { problem, RequestError } from '../../base/problem'
import { requireSecret } from '../../config/deployment'
import type { GoodBatch } from '../../dialects/events-api/bodies'
import { isProbe, readBatch } from '../../dialects/firehose/batch'
import { readSubjectRequest, type SubjectRequest } from '../../dialects/firehose/dsr'
import { textOf } from '../../dialects/firehose/fields'
import { readMembership } from '../../dialects/firehose/membership'
import { deriveMpid } from '../../dialects/mpid'
import { governBatch } from '../../dialects/privacy/body'
import type { FieldRules } from '../../dialects/privacy/rules'
import { findCandidates } from '../../erasures/candidates'
import { eraseUsers } from '../../erasures/erase'
import { describeBatch } from '../../profiles/upload'
import { acceptBatch, requestMark, store } from '../accept'
import { acceptBulk } from '../accept-bulk'
import type { Accepting } from '../accepting'
import { limitRequests } from '../admission'
import { type InputContext, reject, rulesOf } from '../receiving'

/** A message of an input's, as it came but for what its account is configured to. */
export interface Taking {
  context: InputContext
  accepting: Omit<Accepting, 'edge'>
  message: JsonObject
}

type Rejected = Parameters<typeof reject>[2]

const refuse = ({ context, accepting, message }: Taking, problems: Rejected['problems']): never => {
  reject(context, accepting.input, { problems, payload: stringifyJson(message) })
  throw new RequestError(400, problems)
}

// A batch is made of a message before the rules of its input apply.
const governed = (given: GoodBatch, rules: FieldRules | undefined): GoodBatch => {
  if (!rules) return given
  const checked = governBatch(given.checked, rules)
  return { checked, text: stringifyJson(checked.batch) }
}

/**
 * Stores the batch of an `event_processing_request`, unless it only asks whether it is answered.
 */
export const takeEvents = async ({ context, accepting, message }: Taking): Promise<void> => {
  const { input } = accepting
  const given = readBatch(message, input.firehose?.module_name ?? input.id)
  if (isProbe(given)) return
  const edge = { channel: textOf(message.source_channel) ?? 'unknown' }
  await limitRequests({ ...accepting, edge })
  const { problems, text, ...checked } = given
  if (problems.length > 0) {
    reject(context, input, { problems, payload: stringifyJson(message) })
  }
  const read = { checked: { ...checked, problems: [] }, text }
  const own = governed(read, rulesOf(context, input))
  await acceptBatch({ ...accepting, edge }, own.checked, own.text)
}

const ofServer = ({ accepting }: Taking): Accepting => ({
  ...accepting,
  edge: { channel: 'server_to_server' },
})

/** Stores a batch for each user profile of an `audience_membership_change_request`. */
export const takeMembership = async (taking: Taking): Promise<void> => {
  const { context, accepting, message } = taking
  const { user_profiles: profiles } = message
  if (!Array.isArray(profiles)) {
    return refuse(taking, [problem('invalid', 'user_profiles', 'user_profiles must be a list.')])
  }
  await limitRequests(ofServer(taking))
  const { good, bad } = readMembership(message, profiles)
  const rules = rulesOf(context, accepting.input)
  await acceptBulk(
    ofServer(taking),
    good.map((one) => governed(one, rules))
  )
  for (const one of bad) reject(context, accepting.input, one)
}

/**
 * Tells the connections of a `dsr_processing_request`, and then, where its input may, erases whom
 * it is about: once they are erased, nobody knows any more which mpids they had.
 *
 * @throws when not all is erased: the same request, sent again, erases the rest
 */
export const takeSubjectRequest = async (taking: Taking): Promise<void> => {
  const { env, input } = taking.accepting
  await limitRequests(ofServer(taking))
  const request = readSubjectRequest(taking.message)
  if (request.type !== 'erasure') {
    const path = 'subject_request_type'
    return refuse(taking, [problem('unsupported', path, 'Only erasures can be requested.')])
  }
  const { mpid, identities, submitted_ms, id, regulation } = request
  const subject = { ...(mpid === undefined ? {} : { mpids: [mpid] }), identities }
  const { mpids } = await findCandidates(env, subject)
  await tell(taking, request, mpids)
  // A user may be known by other inputs, too, which whoever has the token of this one need not own.
  if (!input.firehose?.erasures) return
  const { more } = await eraseUsers(env, subject, {
    request_id: id,
    ...(submitted_ms === undefined ? {} : { submitted_ms }),
    ...(regulation === 'gdpr' || regulation === 'ccpa' ? { regulation } : {}),
  })
  if (!more) return
  const message = 'More is known of the user. Send the request again.'
  throw new RequestError(503, [problem('unavailable', '', message)])
}

// Under an mpid of its own: under the user's it would begin a new profile, and be erased with it.
const tell = async (
  taking: Taking,
  { id, eventOf }: SubjectRequest,
  mpids: string[]
): Promise<void> => {
  const { context, accepting } = taking
  const { env, snapshot, input } = accepting
  const checked = governBatch(eventOf(mpids), rulesOf(context, input))
  const mpid = await deriveMpid(`dsr_request:${id}`, requireSecret(env, 'IDENTITY_KEY'))
  const connections = snapshot.connectionsOf(input.id).map((one) => one.settings)
  await store(ofServer(taking), mpid, {
    kind: 'batch',
    text: stringifyJson(checked.batch),
    received_ms: Date.now(),
    // When it comes again for the rest of many users, that is told, too.
    request: requestMark(input, `${id} ${[...mpids].sort().join(' ')}`),
    ...describeBatch(checked, connections),
    // Nobody is to be known by it again.
    profile_changes: '',
  })
}
