import { readBasic } from '../base/basic-credentials'
import { type Problem, problem, RequestError } from '../base/problem'
import { isSameSecret } from '../base/same-secret'
import { configKeys } from '../config/deployment'
import type { Input } from '../config/input'
import { openInputSecret } from '../config/secrets'
import type { Accepting } from './accepting'
import { limitRequests } from './admission'
import { type InputContext, reject, rejectUnknown, snapshotOf, waitUntilOf } from './receiving'

const unauthorized = (code: string, message: string): Problem =>
  problem(code, 'authorization', message)

const whyRefused = (input: Input, isRight: boolean): Problem | undefined => {
  if (!input.enabled) return unauthorized('disabled', 'The input is disabled.')
  if (input.secret === undefined) {
    return unauthorized('no_secret', 'The input has no secret, which servers need.')
  }
  return isRight ? undefined : unauthorized('wrong_secret', 'The secret is not the one of the key.')
}

/** @throws RequestError 401 without credentials, 403 with others than Basic ones */
const givenIn = (context: InputContext): NonNullable<ReturnType<typeof readBasic>> => {
  const header = context.req.header('authorization')
  if (!header) {
    const missing = unauthorized('unauthorized', 'The request has no Authorization header.')
    rejectUnknown(context, missing)
    throw new RequestError(401, [missing], { 'www-authenticate': 'Basic realm="weir"' })
  }
  const given = readBasic(header)
  if (!given) {
    const malformed = unauthorized('unauthorized', 'The Authorization header is not a Basic one.')
    rejectUnknown(context, malformed)
    throw new RequestError(403, [malformed])
  }
  return given
}

/**
 * Finds the input of the key and secret of a server, for a batch that a server sends, and counts the
 * request against its limits.
 *
 * @throws RequestError 429 when there are too many; 401 without credentials, 403 with others than an
 *   input's. What is kept as rejected tells why, the answer does not.
 */
export const openServerInput = async (context: InputContext): Promise<Accepting> => {
  const { env } = context
  const given = givenIn(context)
  const snapshot = await snapshotOf(context)
  const input = snapshot.inputByKey.get(given.key)
  const edge = { channel: 'server_to_server' }
  const accepting = input && { env, snapshot, input, edge, waitUntil: waitUntilOf(context) }
  // Before the secret is looked at, so that nobody guesses it any faster.
  if (accepting) await limitRequests(accepting)
  const secret = input && (await openInputSecret(input, configKeys(env)))
  // Also where there is nothing to compare with, so that the time does not tell which keys exist.
  const isRight = await isSameSecret(given.secret, secret ?? '')
  if (!accepting) {
    const unknown = unauthorized('unknown_key', 'No input has this key.')
    rejectUnknown(context, unknown)
    throw new RequestError(403, [unknown])
  }
  const refused = whyRefused(accepting.input, isRight)
  if (refused) {
    reject(context, accepting.input, { problems: [refused], payload: '', isAnybodys: true })
    throw new RequestError(403, [refused])
  }
  return accepting
}
