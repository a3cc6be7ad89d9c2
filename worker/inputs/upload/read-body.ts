import { readBody } from '../../base/body'
import { RequestError } from '../../base/problem'
import { type Bindings, numberVariable, requireSecret } from '../../config/deployment'
import type { Input } from '../../config/input'
import { redactText } from '../../dialects/privacy/body'
import { type FieldRules, fieldRulesOf } from '../../dialects/privacy/rules'
import { type Rejected, reject } from './reject'
import type { InputContext, InputRequest } from './request'

const defaultMaxBytes = 262_144
// Above it, the uploads of a window could no longer lie in one row of a profile.
const upperBoundBytes = 524_288

export const maxBodyBytes = ({ MAX_BODY_BYTES }: Bindings): number =>
  Math.min(numberVariable(MAX_BODY_BYTES, defaultMaxBytes), upperBoundBytes)

/**
 * Reads a body as text.
 *
 * @returns the error when it is too large or no text; it is kept as rejected
 */
export const readBodyOrReject = async (
  context: InputContext,
  request: InputRequest,
  rejected: Pick<Rejected, 'isUnauthenticated'> = {}
): Promise<string | RequestError> => {
  try {
    return await readBody(context.req.raw, maxBodyBytes(context.env))
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    reject(request, { ...rejected, problems: error.problems, payload: '' })
    return error
  }
}

/** The fields that an input hashes or drops before anything is stored; undefined for none. */
export const redactionRules = (env: Bindings, { privacy }: Input): FieldRules | undefined =>
  fieldRulesOf(privacy, () => requireSecret(env, 'IDENTITY_KEY'))

/** Like `readBodyOrReject`, redacted by the rules of the input. */
export const readRedactedBody = async (
  context: InputContext,
  request: InputRequest
): Promise<string | RequestError> => {
  const text = await readBodyOrReject(context, request)
  if (typeof text !== 'string') return text
  return redactText(text, redactionRules(request.env, request.input))
}
