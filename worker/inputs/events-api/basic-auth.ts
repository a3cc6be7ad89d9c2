import { type BasicCredentials, readBasic } from '../../base/basic-credentials'
import { type Problem, problem, RequestError } from '../../base/problem'
import { isSameSecret } from '../../base/same-secret'
import { configKeys } from '../../config/deployment'
import type { Input } from '../../config/input'
import { openInputSecret } from '../../config/secrets'
import { limitRequests } from '../upload/limits'
import { snapshotOf } from '../upload/open-input'
import { reject, rejectUnknown } from '../upload/reject'
import { type InputContext, type InputRequest, waitUntilOf } from '../upload/request'

const unauthorized = (code: string, message: string): Problem =>
  problem(code, 'authorization', message)

const inputProblem = (input: Input, isRightSecret: boolean): Problem | undefined => {
  if (!input.enabled) return unauthorized('disabled', 'The input is disabled.')
  if (input.secret === undefined) {
    return unauthorized('no_secret', 'The input has no secret, which servers need.')
  }
  if (isRightSecret) return undefined
  return unauthorized('wrong_secret', 'The secret is not the one of the key.')
}

/** @throws RequestError 401 without an `Authorization` header, 403 with another than a Basic one */
const readCredentials = (context: InputContext): BasicCredentials => {
  const header = context.req.header('authorization')
  if (!header) {
    const missing = unauthorized('unauthorized', 'The request has no Authorization header.')
    rejectUnknown(context, missing)
    throw new RequestError(401, [missing], { 'www-authenticate': 'Basic realm="weir"' })
  }
  const credentials = readBasic(header)
  if (!credentials) {
    const malformed = unauthorized('unauthorized', 'The Authorization header is not a Basic one.')
    rejectUnknown(context, malformed)
    throw new RequestError(403, [malformed])
  }
  return credentials
}

/**
 * Finds the input of a server by key and secret, and counts the request against its limits.
 *
 * @throws RequestError 429 when there are too many; 401 without credentials, 403 with wrong ones.
 *   The reason is kept as rejected; the answer does not say it.
 */
export const openServerInput = async (context: InputContext): Promise<InputRequest> => {
  const { env } = context
  const credentials = readCredentials(context)
  const snapshot = await snapshotOf(context)
  const input = snapshot.inputByKey.get(credentials.key)
  const edge = { channel: 'server_to_server' }
  const request = input && { env, snapshot, input, edge, waitUntil: waitUntilOf(context) }
  // Before the secret is compared, so that the limit also slows down guessing.
  if (request) await limitRequests(request)
  const secret = input && (await openInputSecret(input, configKeys(env)))
  // Also for unknown keys, so that the time does not tell which keys exist.
  const isRightSecret = await isSameSecret(credentials.secret, secret ?? '')
  if (!request) {
    const unknown = unauthorized('unknown_key', 'No input has this key.')
    rejectUnknown(context, unknown)
    throw new RequestError(403, [unknown])
  }
  const refused = inputProblem(request.input, isRightSecret)
  if (refused) {
    reject(request, { problems: [refused], payload: '', isUnauthenticated: true })
    throw new RequestError(403, [refused])
  }
  return request
}
