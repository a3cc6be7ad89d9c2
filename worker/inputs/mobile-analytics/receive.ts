import { decodeBody, readRaw } from '../../base/body'
import { RequestError } from '../../base/problem'
import { configKeys } from '../../config/deployment'
import { openAccessKey } from '../../config/secrets'
import type { Snapshot } from '../../config/snapshot'
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
import { checkSignature, sha256 } from '../../dialects/mobile-analytics/signature'
import { admitRequest, limitRequests } from '../upload/limits'
import { edgeFacts, snapshotOf } from '../upload/open-input'
import { reject, rejectUnknown } from '../upload/reject'
import { type InputContext, type InputRequest, waitUntilOf } from '../upload/request'
import { acceptMobile } from './accept'
import { type Sender, senderOf, senderRefusal } from './sender'

// 1,024 KB, of the received bytes and again of the inflated ones.
const maxBytes = 1_048_576

interface Verified {
  body: Uint8Array
  /** SHA-256 of the body, hex. */
  bodyHash: string
}

/**
 * Receives a PutEvents request. The body is read only for a known access key, and parsed only after
 * its signature was verified.
 *
 * @returns why it is refused; undefined when it was stored
 */
export const receive = async (
  context: InputContext,
  requestId: string
): Promise<Refusal | undefined> => {
  const authorization = readAuthorization(context.req.raw.headers)
  if (isRefusal(authorization)) return refuseUnknown(context, authorization)
  const snapshot = await snapshotOf(context)
  const sender = senderOf(snapshot, authorization.accessKeyId)
  if (!sender) {
    const unknown = refusal('UnrecognizedClientException', 'No input has this access key id.')
    return refuseUnknown(context, unknown)
  }
  let payload = ''
  const refuse = (refused: Refusal): Refusal => {
    const source = { env: context.env, input: sender.input, waitUntil: waitUntilOf(context) }
    reject(source, { problems: refused.problems, payload })
    return refused
  }
  const refused = senderRefusal(sender, context.req.header('origin'))
  if (refused) return refuse(refused)
  const verified = await readVerified(context, authorization, sender)
  if (isRefusal(verified)) return refuse(verified)
  const { body, bodyHash } = verified
  const text = await decodeBody(body, maxBytes).catch(bodyRefusal)
  if (typeof text !== 'string') return refuse(text)
  payload = text
  const { headers } = context.req.raw
  const decoded = await decodeRequest({ headers, app: sender.app, body: text, bodyHash, requestId })
  if (isRefusal(decoded)) return refuse(decoded)
  if (decoded.events.length === 0) return undefined
  const request = await admit(context, { snapshot, sender, decoded })
  if (request) await acceptMobile(request, { request: decoded, body: text })
  return undefined
}

const refuseUnknown = (context: InputContext, refused: Refusal): Refusal => {
  for (const problem of refused.problems) rejectUnknown(context, problem)
  return refused
}

const bodyRefusal = (error: unknown): Refusal => {
  if (!(error instanceof RequestError)) throw error
  return error.status === 413
    ? { ...refusal('RequestEntityTooLarge', error.message), problems: error.problems }
    : badRequest(error.problems)
}

/** Reads the body and checks the request's signature. */
const readVerified = async (
  { env, req }: InputContext,
  authorization: Authorization,
  { input, key }: Sender
): Promise<Verified | Refusal> => {
  const body = await readRaw(req.raw, maxBytes).catch(bodyRefusal)
  if (isRefusal(body)) return body
  const bodyHash = await sha256(body)
  const secret = await openAccessKey(input, key, configKeys(env))
  if (secret === undefined) throw new Error('The access key has no secret.')
  const { method, url, headers, cf } = req.raw as Request<unknown, IncomingRequestCfProperties>
  const { clientAcceptEncoding: acceptEncoding } = cf ?? {}
  const parts = { method, url: new URL(url), headers, acceptEncoding, bodyHash }
  const refused = await checkSignature(parts, authorization, { secret, now: Date.now() })
  return refused ?? { body, bodyHash }
}

// User agents of apps name their HTTP library, as those of robots do, so only browsers are checked.
const admit = async (
  context: InputContext,
  received: { snapshot: Snapshot; sender: Sender; decoded: MobileRequest }
): Promise<InputRequest | undefined> => {
  const request = requestOf(context, received)
  if (received.decoded.is_browser) return admitRequest(request, context.req.raw)
  await limitRequests(request, context.req.raw)
  return request
}

const requestOf = (
  context: InputContext,
  { snapshot, sender, decoded }: { snapshot: Snapshot; sender: Sender; decoded: MobileRequest }
): InputRequest => {
  const { input } = sender
  const edge = edgeFacts(context, snapshot, input)
  const user_agent = edge.user_agent ?? decoded.sdk_agent
  return {
    env: context.env,
    snapshot,
    input,
    edge: { ...edge, ...(user_agent ? { user_agent } : {}), channel: channelOf(decoded) },
    waitUntil: waitUntilOf(context),
  }
}
