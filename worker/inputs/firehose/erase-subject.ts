import { stringifyJson } from '../../base/json'
import { problem, RequestError } from '../../base/problem'
import { requireSecret } from '../../config/deployment'
import { readSubjectRequest, type SubjectRequest } from '../../dialects/firehose/dsr'
import { deriveMpid } from '../../dialects/mpid'
import { redactBatch } from '../../dialects/privacy/body'
import { findCandidates } from '../../erasures/candidates'
import { eraseUsers } from '../../erasures/erase'
import { describeBatch } from '../../profiles/upload'
import { limitRequests } from '../upload/limits'
import { redactionRules } from '../upload/read-body'
import { requestHash, storeUpload } from '../upload/store'
import { type InputMessage, refuse, serverRequest } from './message'

/**
 * Forwards a `dsr_processing_request` to the connections as an event and then, if the input has
 * `erasures`, erases the user. In this order, since the mpids of an erased user cannot be found any
 * more.
 *
 * @throws RequestError 503 when not all is erased: the same request, sent again, erases the rest
 */
export const eraseSubject = async (inputMessage: InputMessage): Promise<void> => {
  const { env, input } = inputMessage.request
  await limitRequests(inputMessage.request)
  const subjectRequest = readSubjectRequest(inputMessage.message)
  if (subjectRequest.type !== 'erasure') {
    const path = 'subject_request_type'
    return refuse(inputMessage, [problem('unsupported', path, 'Only erasures can be requested.')])
  }
  const { mpid, identities, submitted_ms, id, regulation } = subjectRequest
  const subject = { ...(mpid === undefined ? {} : { mpids: [mpid] }), identities }
  const { mpids } = await findCandidates(env, subject)
  await storeSubjectEvent(inputMessage, subjectRequest, mpids)
  // The user's events may come in by other inputs, which the owner of this token may not control.
  if (!input.firehose?.erasures) return
  const { more } = await eraseUsers(env, subject, {
    request_id: id,
    ...(submitted_ms === undefined ? {} : { submitted_ms }),
    ...(regulation === 'gdpr' || regulation === 'ccpa' ? { regulation } : {}),
  })
  if (!more) return
  const message = 'Not all data of the user is erased yet. Send the request again.'
  throw new RequestError(503, [problem('unavailable', '', message)])
}

// Stored under an mpid that derives from the request: under the user's own it would create the
// profile anew and be erased with it.
const storeSubjectEvent = async (
  inputMessage: InputMessage,
  { id, eventOf }: SubjectRequest,
  mpids: string[]
): Promise<void> => {
  const { env, snapshot, input } = inputMessage.request
  const checked = redactBatch(eventOf(mpids), redactionRules(env, input))
  const mpid = await deriveMpid(`dsr_request:${id}`, requireSecret(env, 'IDENTITY_KEY'))
  const settings = snapshot.connectionsOf(input.id).map((connection) => connection.settings)
  await storeUpload(serverRequest(inputMessage), mpid, {
    kind: 'batch',
    text: stringifyJson(checked.batch),
    received_ms: Date.now(),
    // With the mpids: a repeat that erases the rest has other ones and must be forwarded as well.
    request: requestHash(input, `${id} ${[...mpids].sort().join(' ')}`),
    ...describeBatch(checked, settings),
    // No profile may learn the identities of an erased user.
    profile_changes: '',
  })
}
