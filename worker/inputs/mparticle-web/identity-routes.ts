import { Hono } from 'hono'
import { readBody } from '../../base/body'
import { type Problem, problem, RequestError } from '../../base/problem'
import { configKeys, requireSecret } from '../../config/deployment'
import { openInputSecret } from '../../config/secrets'
import {
  answerKnownUser,
  answerModify,
  decodeKnownUser,
  modifyProblems,
} from '../../dialects/mparticle-web/identity'
import { type Credentials, credentialsOf } from '../../dialects/mparticle-web/identity-credentials'
import { deriveMpid, type NamingIdentity, nameOf, readMpid } from '../../dialects/mpid'
import { redactText } from '../../dialects/privacy/body'
import { caseInsensitive } from '../case-insensitive'
import { allowPages } from '../cors'
import { limitRequests } from '../upload/limits'
import { openIfReachable } from '../upload/open-input'
import { maxBodyBytes, readBodyOrReject, redactionRules } from '../upload/read-body'
import { reject, rejectUnknown } from '../upload/reject'
import type { HonoEnv, InputContext, InputRequest } from '../upload/request'

/**
 * mParticle's Identity API: which mpid a user has. It is derived from the identities, as that of
 * batches is, so no answer depends on storage: an SDK that gets no mpid drops the page's events.
 */
export const identity = new Hono<HonoEnv>()

const path = `/${caseInsensitive('identity')}/v1` as const

identity.use(`/${caseInsensitive('identity')}/*`, allowPages)

const errorBody = (status: number, problems: Problem[], requestId: string) => ({
  errors: problems,
  // The fields that the mParticle SDK logs.
  Errors: problems.map(({ code, message }) => ({ code, message })),
  ErrorCode: problems[0]?.code ?? '',
  StatusCode: status,
  RequestId: requestId,
})

identity.onError((error, context) => {
  if (!(error instanceof RequestError)) throw error
  const { status, problems, headers } = error
  for (const [name, value] of Object.entries(headers)) context.header(name, value)
  return context.json(errorBody(status, problems, context.req.header('cf-ray') ?? ''), status)
})

interface IdentityRequest {
  /** Undefined when the workspace could not be read. */
  request: InputRequest | undefined
  text: string
}

const readText = async (
  context: InputContext,
  request: InputRequest | undefined
): Promise<string> => {
  if (!request) return readBody(context.req.raw, maxBodyBytes(context.env))
  const text = await readBodyOrReject(context, request, { isUnauthenticated: true })
  if (text instanceof RequestError) throw text
  return text
}

const checkSecret = async (
  { isProvenBy }: Credentials,
  { request, text }: IdentityRequest
): Promise<void> => {
  if (!isProvenBy || !request) return
  const secret = await openInputSecret(request.input, configKeys(request.env))
  if (secret !== undefined && (await isProvenBy(secret, text))) return
  const problems = [problem('wrong_secret', 'key', 'The secret is not that of the key.')]
  reject(request, { problems, payload: '', isUnauthenticated: true })
  throw new RequestError(403, problems)
}

/**
 * Authenticates a request and reads its body.
 *
 * @throws RequestError 401 without a key, 403 with a wrong one, 413 when the body is too large, 429
 *   when there are too many
 */
const openRequest = async (context: InputContext): Promise<IdentityRequest> => {
  const credentials = credentialsOf(context.req.raw)
  if (!credentials) {
    const message = 'Send the key of an input as x-mp-key, or key and secret by Basic.'
    const missing = problem('missing_key', 'x-mp-key', message)
    rejectUnknown(context, missing)
    throw new RequestError(401, [missing])
  }
  const request = await openIfReachable(context, credentials.key)
  if (request) await limitRequests(request, context.req.raw)
  const identityRequest = { request, text: await readText(context, request) }
  await checkSecret(credentials, identityRequest)
  return identityRequest
}

const refuse = ({ request, text }: IdentityRequest, problems: Problem[]): RequestError => {
  if (request) reject(request, { problems, payload: text, isUnauthenticated: true })
  return new RequestError(400, problems)
}

// The mpid must be that of the user's batches, in which the input may hash or drop identities.
const redactedName = ({ request, text }: IdentityRequest): NamingIdentity | undefined => {
  const rules = request && redactionRules(request.env, request.input)
  const user = rules && decodeKnownUser(redactText(text, rules))
  return user?.ok ? user.value.named : undefined
}

for (const method of ['identify', 'login', 'logout', 'search']) {
  identity.post(`${path}/${caseInsensitive(method)}`, async (context) => {
    const identityRequest = await openRequest(context)
    const user = decodeKnownUser(identityRequest.text)
    if (!user.ok) throw refuse(identityRequest, user.problems)
    const name = nameOf(redactedName(identityRequest) ?? user.value.named)
    const mpid = await deriveMpid(name, requireSecret(context.env, 'IDENTITY_KEY'))
    const logins = identityRequest.request?.input.login_identities
    return context.json(answerKnownUser(user.value, mpid, logins))
  })
}

const mpidProblems = (mpid: string): Problem[] =>
  readMpid(mpid)
    ? []
    : [problem('invalid', 'mpid', 'The mpid must be a 64-bit integer other than 0.')]

identity.post(`${path}/:mpid/${caseInsensitive('modify')}`, async (context) => {
  const identityRequest = await openRequest(context)
  const mpid = context.req.param('mpid')
  const problems = [...mpidProblems(mpid), ...modifyProblems(identityRequest.text)]
  if (problems.length > 0) throw refuse(identityRequest, problems)
  return context.json(answerModify(mpid))
})
