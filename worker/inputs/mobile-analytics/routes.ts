import { Hono, type MiddlewareHandler } from 'hono'
import { decodeBody, readRaw } from '../../base/body'
import { failure, log } from '../../base/log'
import { RequestError } from '../../base/problem'
import { routeOf } from '../../base/route'
import { configKeys } from '../../config/deployment'
import type { Input } from '../../config/input'
import { openAccessKey } from '../../config/secrets'
import { browserFacts } from '../../dialects/edge'
import { keyRefusal } from '../../dialects/mobile-analytics/access-key'
import {
  answerHeaders,
  answerRefusal,
  preflightHeaders,
} from '../../dialects/mobile-analytics/answers'
import {
  type Authorization,
  readAuthorization,
} from '../../dialects/mobile-analytics/authorization'
import { decodeRequest } from '../../dialects/mobile-analytics/decode'
import {
  badRequest,
  isRefusal,
  type Refusal,
  refusal,
} from '../../dialects/mobile-analytics/refusal'
import { channelOf, type MobileRequest } from '../../dialects/mobile-analytics/request'
import type { AccessKey, MobileAnalytics } from '../../dialects/mobile-analytics/settings'
import { checkSignature, sha256 } from '../../dialects/mobile-analytics/signature'
import { acceptMobile } from '../accept-mobile'
import type { Accepting } from '../accepting'
import { admit, limitRequests } from '../admission'
import {
  type HonoEnv,
  type InputContext,
  originProblem,
  reject,
  rejectUnknown,
  snapshotOf,
  waitUntilOf,
} from '../receiving'

// 1024 KB, of the bytes received and again of those inflated.
const maxBytes = 1_048_576
const path = '/2014-06-05/events'

type Snapshot = Accepting['snapshot']

/** Whose access key a request names. It has not been shown yet that the request is the owner's. */
interface Sender {
  input: Input
  app: MobileAnalytics
  key: AccessKey
}

/** PutEvents of Amazon Mobile Analytics. */
export const mobileAnalytics = new Hono<HonoEnv>()

const allowPages: MiddlewareHandler<HonoEnv> = async (context, next) => {
  if (context.req.method === 'OPTIONS') return context.body(null, 204, preflightHeaders())
  // Before the answer is made: afterwards it would be made a second time.
  for (const [name, value] of Object.entries(answerHeaders(Date.now()))) {
    context.header(name, value)
  }
  return next()
}

mobileAnalytics.use(path, allowPages)

mobileAnalytics.post(path, async (context) => {
  const requestId = crypto.randomUUID()
  context.header('x-amzn-requestid', requestId)
  const refused = await receive(context, requestId)
  return refused ? answerRefusal(context, refused) : context.body(null, 202)
})

// The clients drop what is answered 5xx, and keep what is throttled: nothing that failed for a
// reason of ours may be lost.
mobileAnalytics.onError((error, context) => {
  if (error instanceof RequestError && error.status === 429) {
    for (const [name, value] of Object.entries(error.headers)) context.header(name, value)
    return answerRefusal(context, refusal('ThrottlingException', error.message))
  }
  log('error', 'An upload failed.', { route: routeOf(context), ...failure(error) })
  const message = 'The events could not be stored. Send them again.'
  return answerRefusal(context, refusal('ThrottlingException', message))
})

// Nothing is read before its sender is known, and nothing understood before its signature is.
const receive = async (context: InputContext, requestId: string): Promise<Refusal | undefined> => {
  const authorization = readAuthorization(context.req.raw.headers)
  if (isRefusal(authorization)) return refuseUnknown(context, authorization)
  const snapshot = await snapshotOf(context)
  const { accessKeyId } = authorization
  const sender = senderOf(snapshot, accessKeyId)
  if (!sender) {
    const unknown = refusal('UnrecognizedClientException', 'No input has this access key id.')
    return refuseUnknown(context, unknown)
  }
  let payload = ''
  const refuse = (refused: Refusal): Refusal => {
    reject(context, sender.input, { problems: refused.problems, payload })
    return refused
  }
  const barred = stateRefusal(sender) ?? originRefusal(context, sender)
  if (barred) return refuse(barred)
  const body = await readRaw(context.req.raw, maxBytes).catch(ofBody)
  if (isRefusal(body)) return refuse(body)
  const bodyHash = await sha256(body)
  const unsigned = await signatureRefusal(context, authorization, { sender, bodyHash })
  if (unsigned) return refuse(unsigned)
  const text = await decodeBody(body, maxBytes).catch(ofBody)
  if (typeof text !== 'string') return refuse(text)
  payload = text
  const { headers } = context.req.raw
  const request = await decodeRequest({ headers, app: sender.app, body: text, bodyHash, requestId })
  if (isRefusal(request)) return refuse(request)
  if (request.events.length === 0) return undefined
  const accepting = await admitted(context, { snapshot, sender, request })
  if (accepting) await acceptMobile(accepting, { request, body: text })
  return undefined
}

const senderOf = ({ inputByAccessKey }: Snapshot, accessKeyId: string): Sender | undefined => {
  const input = inputByAccessKey.get(accessKeyId)
  const app = input?.mobile_analytics
  const key = app?.access_keys.find((one) => one.access_key_id === accessKeyId)
  return input && app && key ? { input, app, key } : undefined
}

const stateRefusal = ({ input, key }: Sender): Refusal | undefined =>
  keyRefusal({ ...key, enabled: input.enabled && key.enabled }, Date.now())

const refuseUnknown = (context: InputContext, refused: Refusal): Refusal => {
  for (const problem of refused.problems) rejectUnknown(context, problem)
  return refused
}

const ofBody = (error: unknown): Refusal => {
  if (!(error instanceof RequestError)) throw error
  return error.status === 413
    ? { ...refusal('RequestEntityTooLarge', error.message), problems: error.problems }
    : badRequest(error.problems)
}

const originRefusal = ({ req }: InputContext, { input }: Sender): Refusal | undefined => {
  const origin = originProblem(input, req.header('origin'))
  if (!origin) return undefined
  return { ...refusal('AccessDeniedException', origin.message), problems: origin.problems }
}

const signatureRefusal = async (
  { env, req }: InputContext,
  authorization: Authorization,
  { sender, bodyHash }: { sender: Sender; bodyHash: string }
): Promise<Refusal | undefined> => {
  const { input, key } = sender
  const secret = await openAccessKey(input, key, configKeys(env))
  if (secret === undefined) throw new Error('The access key has no secret.')
  const { method, url, headers, cf } = req.raw as Request<unknown, IncomingRequestCfProperties>
  const { clientAcceptEncoding: acceptEncoding } = cf ?? {}
  const parts = { method, url: new URL(url), headers, acceptEncoding, bodyHash }
  return checkSignature(parts, authorization, { secret, now: Date.now() })
}

// The user agents of apps are those of their tools, which robots use as well.
const admitted = async (
  context: InputContext,
  given: { snapshot: Snapshot; sender: Sender; request: MobileRequest }
): Promise<Accepting | undefined> => {
  const accepting = acceptingOf(context, given)
  return given.request.is_browser
    ? admit(accepting, context.req.raw)
    : limitRequests(accepting, context.req.raw).then(() => accepting)
}

const acceptingOf = (
  context: InputContext,
  given: { snapshot: Snapshot; sender: Sender; request: MobileRequest }
): Accepting => {
  const { env, req } = context
  const { snapshot, sender, request } = given
  const { input } = sender
  const withLocation = snapshot
    .connectionsOf(input.id)
    .some((one) => one.settings.include_event_batch_location)
  const edge = browserFacts(req.raw, withLocation)
  const user_agent = edge.user_agent ?? request.sdk_agent
  return {
    env,
    snapshot,
    input,
    edge: { ...edge, ...(user_agent ? { user_agent } : {}), channel: channelOf(request) },
    waitUntil: waitUntilOf(context),
  }
}
