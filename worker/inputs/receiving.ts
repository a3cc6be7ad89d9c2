import type { Context } from 'hono'
import { readBody } from '../base/body'
import { failure, log } from '../base/log'
import { type Problem, problem, RequestError } from '../base/problem'
import type { CheckedBatch } from '../batch'
import { type Bindings, numberVariable, requireSecret } from '../config/deployment'
import type { Input } from '../config/input'
import { workspaceSnapshot } from '../config/snapshot'
import { browserFacts } from '../dialects/edge'
import { governText, isGovernable } from '../dialects/privacy/body'
import { type FieldRules, fieldRulesOf } from '../dialects/privacy/rules'
import { acceptCounted } from './accept'
import type { Accepting } from './accepting'
import { admit, limitEvents } from './admission'
import { keepRefused, keepRejected } from './rejections'

// The steps that the routes of all dialects share.

export type HonoEnv = { Bindings: Bindings }
export type InputContext = Context<HonoEnv>

const isAllowedOrigin = (input: Input, origin: string | undefined): boolean =>
  origin === undefined ||
  input.allowed_origins.includes('*') ||
  input.allowed_origins.includes(origin)

/** Why a page may not use an input, if so. */
export const originProblem = (
  input: Input,
  origin: string | undefined
): RequestError | undefined => {
  if (isAllowedOrigin(input, origin)) return undefined
  const message = 'The origin of this page is not among the allowed_origins of the input.'
  return new RequestError(403, [problem('origin_not_allowed', 'origin', message)])
}

/** The workspace as this isolate knows it. */
export const snapshotOf = ({ env, executionCtx }: InputContext) =>
  workspaceSnapshot(env, (promise) => executionCtx.waitUntil(promise))

/**
 * Finds the input of a key and checks that the page may use it.
 *
 * @throws RequestError 403: the mParticle SDK then drops, and keeping would be pointless
 */
export const openInput = async (context: InputContext, key: string): Promise<Accepting> => {
  const { env, req } = context
  const snapshot = await snapshotOf(context)
  const input = snapshot.inputByKey.get(key)
  if (!input?.enabled) {
    const unknown = problem('unknown_key', 'key', 'No input has this key.')
    rejectUnknown(context, unknown)
    throw new RequestError(403, [unknown])
  }
  const refused = originProblem(input, req.header('origin'))
  if (refused) {
    reject(context, input, { problems: refused.problems, payload: '', isAnybodys: true })
    throw refused
  }
  const withLocation = snapshot
    .connectionsOf(input.id)
    .some((one) => one.settings.include_event_batch_location)
  return {
    env,
    snapshot,
    input,
    edge: browserFacts(req.raw, withLocation),
    waitUntil: waitUntilOf(context),
  }
}

/** For what may go on after the answer. */
export const waitUntilOf =
  ({ executionCtx }: InputContext) =>
  (promise: Promise<unknown>): void =>
    executionCtx.waitUntil(promise)

/**
 * Like `openInput`, for what a page posts to have it stored.
 *
 * @returns undefined when nothing of it is wanted, which the page is not told
 * @throws RequestError 429 when the limits of the input are used up
 */
export const openForEvents = async (
  context: InputContext,
  key: string
): Promise<Accepting | undefined> => admit(await openInput(context, key), context.req.raw)

const patienceMs = 3000

const late = async (signal: AbortSignal): Promise<never> => {
  await scheduler.wait(patienceMs, { signal })
  throw new Error(`No answer within ${patienceMs} ms.`)
}

/**
 * Like `openInput`, for what can be answered without storage: undefined when the workspace cannot
 * be read, or not soon.
 */
export const openIfReachable = async (
  context: InputContext,
  key: string
): Promise<Accepting | undefined> => {
  const answered = new AbortController()
  try {
    return await Promise.race([openInput(context, key), late(answered.signal)])
  } catch (error) {
    if (error instanceof RequestError) throw error
    log('warn', 'The workspace could not be read. Answered without it.', failure(error))
    return undefined
  } finally {
    answered.abort()
  }
}

const defaultMaxBytes = 262_144
// Above it, a window's uploads could no longer lie in one row of a profile.
const largestMaxBytes = 524_288

export const maxBytes = ({ env }: InputContext): number =>
  Math.min(numberVariable(env.MAX_BODY_BYTES, defaultMaxBytes), largestMaxBytes)

/** The body, or why it was refused; it is then kept as rejected, as `rejected` says. */
export const readOrReject = async (
  context: InputContext,
  { input }: Pick<Accepting, 'input'>,
  rejected: Pick<Rejected, 'isAnybodys'> = {}
): Promise<string | RequestError> => {
  try {
    return await readBody(context.req.raw, maxBytes(context))
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    reject(context, input, { ...rejected, problems: error.problems, payload: '' })
    return error
  }
}

/** What an input forbids to store of the fields of a body. */
export const rulesOf = ({ env }: Pick<InputContext, 'env'>, input: Input): FieldRules | undefined =>
  fieldRulesOf(input.privacy, () => requireSecret(env, 'IDENTITY_KEY'))

/** Like `readOrReject`; what the input forbids to store is not in the body any more. */
export const readGoverned = async (
  context: InputContext,
  { input }: Pick<Accepting, 'input'>
): Promise<string | RequestError> => {
  const text = await readOrReject(context, { input })
  return typeof text === 'string' ? governText(text, rulesOf(context, input)) : text
}

interface Rejected {
  problems: Problem[]
  /** What came, or its beginning. */
  payload: string
  /** Whether what the input forbids to store was taken out of the payload, where it could be read. */
  isGoverned?: boolean
  /** Whether it holds no events, so that it must not push out what does: one a second is kept. */
  isAnybodys?: boolean
}

const keptPayload = ({ privacy }: Input, { payload, isGoverned }: Rejected): string => {
  if (!privacy) return payload
  // Nobody knows whether there is consent to keep it, or what is in it.
  if (privacy.consent || !isGoverned) return ''
  return isGovernable(payload) ? payload : ''
}

/** Keeps what an input could not take. */
export const reject = (context: InputContext, input: Input, rejected: Rejected): void => {
  const { problems, isAnybodys } = rejected
  const kept = { input: input.id, problems, payload: keptPayload(input, rejected) }
  const keep = isAnybodys ? keepRefused : keepRejected
  keep(context.env, waitUntilOf(context), kept)
}

/** Keeps that somebody came with credentials that are no input's. What they sent is not looked at. */
export const rejectUnknown = (context: InputContext, unknown: Problem): void => {
  const kept = { input: '', problems: [unknown], payload: '' }
  keepRefused(context.env, waitUntilOf(context), kept)
}

/** Stores a batch of a governed body; its events that are none are kept as rejected. */
export const takeBatch = async (
  context: InputContext,
  accepting: Accepting,
  { checked, text }: { checked: CheckedBatch; text: string }
): Promise<void> => {
  // Before anything is kept: what is refused for the quota's sake comes again.
  await limitEvents(accepting, [checked.events.length])
  if (checked.problems.length > 0) {
    reject(context, accepting.input, {
      problems: checked.problems,
      payload: text,
      isGoverned: true,
    })
  }
  return acceptCounted(accepting, checked, text)
}
