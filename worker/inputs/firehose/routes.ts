import { Hono } from 'hono'
import { responseTypes } from '../../../sdk/firehose/messages'
import { writeMessage } from '../../../sdk/firehose/write-message'
import { readBody } from '../../base/body'
import { isObject, type JsonObject, stringifyJson } from '../../base/json'
import { failure, log } from '../../base/log'
import { problem, RequestError } from '../../base/problem'
import type { Input } from '../../config/input'
import { byteLength } from '../../connections/split'
import { parseBody } from '../../dialects/batch-body'
import { withoutSettings } from '../../dialects/firehose/account'
import { registrationOf } from '../../dialects/firehose/registration'
import {
  type HonoEnv,
  type InputContext,
  maxBytes,
  reject,
  rejectUnknown,
  snapshotOf,
  waitUntilOf,
} from '../receiving'
import { Processor } from './processor'
import { senderOf } from './sender'

/** mParticle's Firehose, to which weir is an integration. */
export const firehose = new Hono<HonoEnv>()

const paths = ['/firehose', '/firehose/']

// Of users in and out of audiences, whose number the platform chooses; of others no message is known
// to be half as large.
const membershipBytes = 4_194_304
// What somebody without a token may send: to ask what weir is takes a few hundred.
const unknownBytes = 16_384

firehose.on('POST', paths, async (context) => {
  const { env, req } = context
  const snapshot = await snapshotOf(context)
  const input = await senderOf({ env, snapshot }, req.header('authorization'))
  const read = input ? readMessage(context, input) : readRegistrationRequest(context)
  const message = await read
  const waitUntil = waitUntilOf(context)
  const named = input ?? snapshot.firehoseInputs.find((one) => one.enabled)
  const name = named?.firehose?.module_name ?? 'weir'
  const processor = new Processor(registrationOf(name, new URL(req.url).hostname), async (take) => {
    if (input) await take({ context, accepting: { env, snapshot, input, waitUntil }, message })
  })
  const answer = await processor.processMessage(envelopeOf(message))
  return context.body(writeMessage(answer), 200, { 'content-type': 'application/json' })
})

firehose.on('ALL', paths, (context) => {
  const wrong = problem('method_not_allowed', '', 'Messages are posted.')
  return context.json({ errors: [wrong] }, 405, { allow: 'POST' })
})

firehose.onError((error, context) => {
  const known = error instanceof RequestError ? error : unavailable(error)
  for (const [name, value] of Object.entries(known.headers)) context.header(name, value)
  return context.json({ errors: known.problems }, known.status)
})

// The platform sends again what is answered so, and nothing else.
const unavailable = (error: unknown): RequestError => {
  log('error', 'A Firehose message could not be taken.', failure(error))
  const message = 'The message could not be taken. Send it again.'
  return new RequestError(503, [problem('unavailable', '', message)])
}

const requestTypes = Object.keys(responseTypes)
const registrationType = 'module_registration_request'
const membershipType = 'audience_membership_change_request'

const fail = (status: 400 | 401 | 413, [code, path, message]: [string, string, string]) =>
  new RequestError(status, [problem(code, path, message)])

/** @throws RequestError 413 or 400, which is then kept as rejected */
const readMessage = async (context: InputContext, input: Input): Promise<JsonObject> => {
  let payload = ''
  try {
    const text = await readBody(context.req.raw, membershipBytes)
    const message = parseMessage(text)
    payload = stringifyJson(message)
    const limit = message.type === membershipType ? membershipBytes : maxBytes(context)
    if (byteLength(text) > limit) {
      throw fail(413, ['too_large', '', `The body is larger than ${limit} bytes.`])
    }
    if (typeof message.type !== 'string' || !requestTypes.includes(message.type)) {
      throw fail(400, ['invalid', 'type', 'The type must be that of a request.'])
    }
    return message
  } catch (error) {
    if (error instanceof RequestError) reject(context, input, { problems: error.problems, payload })
    throw error
  }
}

/** @throws RequestError 400 */
const parseMessage = (text: string): JsonObject => {
  const body = parseBody(text)
  if (!body.ok) throw new RequestError(400, body.problems)
  if (!isObject(body.value)) throw fail(400, ['invalid', '', 'A message must be a JSON object.'])
  return withoutSettings(body.value)
}

/** @throws RequestError 401 for all but a request for the registration */
const readRegistrationRequest = async (context: InputContext): Promise<JsonObject> => {
  const message = await readBody(context.req.raw, unknownBytes).then(parseMessage).catch(ofRequest)
  if (message?.type === registrationType) return message
  const told = 'The request does not have the token of an input.'
  const refused = fail(401, ['unauthorized', 'authorization', told])
  for (const one of refused.problems) rejectUnknown(context, one)
  // Nothing that is answered so comes again: somebody must look whether a token was mistyped.
  if (context.req.header('authorization')) {
    log('warn', 'A Firehose message with the token of no input was refused.')
  }
  throw refused
}

const ofRequest = (error: unknown): undefined => {
  if (!(error instanceof RequestError)) throw error
}

// All that answering takes; what is in a message is read once, and exactly, when it is stored.
const envelopeOf = ({ type, id, timestamp_ms, firehose_version, user_profiles }: JsonObject) => ({
  type,
  id,
  timestamp_ms,
  firehose_version,
  ...(user_profiles === undefined || user_profiles === null ? {} : { user_profiles: [] }),
})
