import { responseTypes } from '../../../sdk/firehose/messages'
import { readBody } from '../../base/body'
import { isObject, type JsonObject, stringifyJson } from '../../base/json'
import { log } from '../../base/log'
import { problem, RequestError } from '../../base/problem'
import { byteLength } from '../../connections/split'
import { parseBody } from '../../dialects/batch-body'
import { withoutSettings } from '../../dialects/firehose/account'
import { maxBodyBytes } from '../upload/read-body'
import { reject, rejectUnknown } from '../upload/reject'
import type { InputContext, InputRequest } from '../upload/request'

// mParticle chooses how many user profiles one message has. Other messages are far smaller.
const maxMembershipBytes = 4_194_304
// Without a token only the registration can be requested, in a few hundred bytes.
const maxUnauthenticatedBytes = 16_384

const requestTypes = Object.keys(responseTypes)
const registrationType = 'module_registration_request'
const membershipType = 'audience_membership_change_request'

const errorOf = (status: 400 | 401 | 413, [code, path, message]: [string, string, string]) =>
  new RequestError(status, [problem(code, path, message)])

/** @throws RequestError 400 */
const parseMessage = (text: string): JsonObject => {
  const body = parseBody(text)
  if (!body.ok) throw new RequestError(400, body.problems)
  if (!isObject(body.value)) {
    throw errorOf(400, ['invalid', '', 'A message must be a JSON object.'])
  }
  return withoutSettings(body.value)
}

/**
 * Reads a message to an input.
 *
 * @throws RequestError 413 or 400, which is then kept as rejected
 */
export const readMessage = async (
  context: InputContext,
  request: Omit<InputRequest, 'edge'>
): Promise<JsonObject> => {
  let payload = ''
  try {
    const text = await readBody(context.req.raw, maxMembershipBytes)
    const message = parseMessage(text)
    payload = stringifyJson(message)
    const maxBytes =
      message.type === membershipType ? maxMembershipBytes : maxBodyBytes(context.env)
    if (byteLength(text) > maxBytes) {
      throw errorOf(413, ['too_large', '', `The body is larger than ${maxBytes} bytes.`])
    }
    if (typeof message.type !== 'string' || !requestTypes.includes(message.type)) {
      throw errorOf(400, ['invalid', 'type', 'The type must be that of a request.'])
    }
    return message
  } catch (error) {
    if (error instanceof RequestError) reject(request, { problems: error.problems, payload })
    throw error
  }
}

const ignoreRequestError = (error: unknown): undefined => {
  if (!(error instanceof RequestError)) throw error
}

/**
 * Reads a request for the registration, which needs no token.
 *
 * @throws RequestError 401 for everything else
 */
export const readRegistrationRequest = async (context: InputContext): Promise<JsonObject> => {
  const message = await readBody(context.req.raw, maxUnauthenticatedBytes)
    .then(parseMessage)
    .catch(ignoreRequestError)
  if (message?.type === registrationType) return message
  const text = 'The request does not have the token of an input.'
  const refused = errorOf(401, ['unauthorized', 'authorization', text])
  for (const unknown of refused.problems) rejectUnknown(context, unknown)
  // mParticle does not send it again: the owner must check whether a token was mistyped.
  if (context.req.header('authorization')) {
    log('warn', 'A Firehose message with the token of no input was refused.')
  }
  throw refused
}
