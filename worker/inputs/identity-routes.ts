import { Hono } from 'hono'
import { readBody } from '../base/body'
import { type Problem, problem, RequestError } from '../base/problem'
import { configKeys, requireSecret } from '../config/deployment'
import { openInputSecret } from '../config/secrets'
import {
  answerKnownUser,
  answerModify,
  decodeKnownUser,
  modifyProblems,
} from '../dialects/mparticle-web/identity'
import { type Credentials, credentialsOf } from '../dialects/mparticle-web/identity-credentials'
import { deriveMpid, type NamedBy, nameOf, readMpid } from '../dialects/mpid'
import { governText } from '../dialects/privacy/body'
import type { Accepting } from './accepting'
import { limitRequests } from './admission'
import { word } from './case-insensitive'
import { allowPages } from './cors'
import {
  type HonoEnv,
  type InputContext,
  maxBytes,
  openIfReachable,
  readOrReject,
  reject,
  rejectUnknown,
  rulesOf,
} from './receiving'

/**
 * Who a user is, after mParticle's Identity API. The mpid is that of batches with the same
 * identities, so no answer depends on storage: an SDK without one drops the page's events.
 */
export const identity = new Hono<HonoEnv>()

const path = `/${word('identity')}/v1` as const

identity.use(`/${word('identity')}/*`, allowPages)

const wordings = (status: number, problems: Problem[], requestId: string) => ({
  errors: problems,
  // What the mParticle SDK logs.
  Errors: problems.map(({ code, message }) => ({ code, message })),
  ErrorCode: problems[0]?.code ?? '',
  StatusCode: status,
  RequestId: requestId,
})

identity.onError((error, context) => {
  if (!(error instanceof RequestError)) throw error
  const { status, problems, headers } = error
  for (const [name, value] of Object.entries(headers)) context.header(name, value)
  return context.json(wordings(status, problems, context.req.header('cf-ray') ?? ''), status)
})

interface Asking {
  /** Undefined when the workspace could not be read. */
  accepting: Accepting | undefined
  text: string
}

const readText = async (
  context: InputContext,
  accepting: Accepting | undefined
): Promise<string> => {
  if (!accepting) return readBody(context.req.raw, maxBytes(context))
  const text = await readOrReject(context, accepting, { isAnybodys: true })
  if (text instanceof RequestError) throw text
  return text
}

const requireProof = async (
  context: InputContext,
  { isProvenBy }: Credentials,
  { accepting, text }: Asking
): Promise<void> => {
  if (!isProvenBy || !accepting) return
  const { input } = accepting
  const secret = await openInputSecret(input, configKeys(context.env))
  if (secret !== undefined && (await isProvenBy(secret, text))) return
  const problems = [problem('wrong_secret', 'key', 'The secret is not that of the key.')]
  reject(context, input, { problems, payload: '', isAnybodys: true })
  throw new RequestError(403, problems)
}

/**
 * @throws RequestError 401 without a key, 403 with a wrong one, 413 when the body is too large, 429
 *   when there are too many
 */
const open = async (context: InputContext): Promise<Asking> => {
  const credentials = credentialsOf(context.req.raw)
  if (!credentials) {
    const message = 'Send the key of an input as x-mp-key, or key and secret by Basic.'
    const missing = problem('missing_key', 'x-mp-key', message)
    rejectUnknown(context, missing)
    throw new RequestError(401, [missing])
  }
  const accepting = await openIfReachable(context, credentials.key)
  if (accepting) await limitRequests(accepting, context.req.raw)
  const asking = { accepting, text: await readText(context, accepting) }
  await requireProof(context, credentials, asking)
  return asking
}

const refuse = (
  context: InputContext,
  { accepting, text }: Asking,
  problems: Problem[]
): RequestError => {
  if (accepting) reject(context, accepting.input, { problems, payload: text, isAnybodys: true })
  return new RequestError(400, problems)
}

// A user is named in batches by what the input lets stay of identities.
const namedIn = (context: InputContext, { accepting, text }: Asking): NamedBy | undefined => {
  const rules = accepting && rulesOf(context, accepting.input)
  const user = rules && decodeKnownUser(governText(text, rules))
  return user?.ok ? user.value.named : undefined
}

for (const method of ['identify', 'login', 'logout', 'search']) {
  identity.post(`${path}/${word(method)}`, async (context) => {
    const asking = await open(context)
    const user = decodeKnownUser(asking.text)
    if (!user.ok) throw refuse(context, asking, user.problems)
    const name = nameOf(namedIn(context, asking) ?? user.value.named)
    const mpid = await deriveMpid(name, requireSecret(context.env, 'IDENTITY_KEY'))
    const logins = asking.accepting?.input.login_identities
    return context.json(answerKnownUser(user.value, mpid, logins))
  })
}

const mpidProblems = (mpid: string): Problem[] =>
  readMpid(mpid)
    ? []
    : [problem('invalid', 'mpid', 'The mpid must be a 64-bit integer other than 0.')]

identity.post(`${path}/:mpid/${word('modify')}`, async (context) => {
  const asking = await open(context)
  const mpid = context.req.param('mpid')
  const problems = [...mpidProblems(mpid), ...modifyProblems(asking.text)]
  if (problems.length > 0) throw refuse(context, asking, problems)
  return context.json(answerModify(mpid))
})
