import { failure, log } from '../../base/log'
import { problem, RequestError } from '../../base/problem'
import type { EdgeFacts } from '../../batch'
import type { Input } from '../../config/input'
import { type Snapshot, workspaceSnapshot } from '../../config/snapshot'
import { browserFacts } from '../../dialects/edge'
import { admitRequest } from './limits'
import { reject, rejectUnknown } from './reject'
import { type InputContext, type InputRequest, waitUntilOf } from './request'

const isAllowedOrigin = (input: Input, origin: string | undefined): boolean =>
  origin === undefined ||
  input.allowed_origins.includes('*') ||
  input.allowed_origins.includes(origin)

/** The error for a page whose origin may not use an input; undefined when it may. */
export const originProblem = (
  input: Input,
  origin: string | undefined
): RequestError | undefined => {
  if (isAllowedOrigin(input, origin)) return undefined
  const message = 'The origin of this page is not among the allowed_origins of the input.'
  return new RequestError(403, [problem('origin_not_allowed', 'origin', message)])
}

/** The workspace as this isolate caches it. */
export const snapshotOf = (context: InputContext): Promise<Snapshot> =>
  workspaceSnapshot(context.env, waitUntilOf(context))

/** What the edge knows of the client; its location only where a connection includes it. */
export const edgeFacts = (context: InputContext, snapshot: Snapshot, input: Input): EdgeFacts => {
  const needsLocation = snapshot
    .connectionsOf(input.id)
    .some((connection) => connection.settings.include_event_batch_location)
  return browserFacts(context.req.raw, needsLocation)
}

/**
 * Finds the input of a key and checks that the page may use it.
 *
 * @throws RequestError 403, on which the mParticle SDK drops its batches
 */
export const openInput = async (context: InputContext, key: string): Promise<InputRequest> => {
  const { env, req } = context
  const snapshot = await snapshotOf(context)
  const input = snapshot.inputByKey.get(key)
  if (!input?.enabled) {
    const unknown = problem('unknown_key', 'key', 'No input has this key.')
    rejectUnknown(context, unknown)
    throw new RequestError(403, [unknown])
  }
  const edge = edgeFacts(context, snapshot, input)
  const request = { env, snapshot, input, edge, waitUntil: waitUntilOf(context) }
  const refused = originProblem(input, req.header('origin'))
  if (refused) {
    reject(request, { problems: refused.problems, payload: '', isUnauthenticated: true })
    throw refused
  }
  return request
}

/**
 * Like `openInput`, for a page that uploads events; counts the request against the input's limits.
 *
 * @returns undefined for a robot whose events are dropped. It is answered as if they were stored
 * @throws RequestError 429 when the limits of the input are used up
 */
export const openForUpload = async (
  context: InputContext,
  key: string
): Promise<InputRequest | undefined> => admitRequest(await openInput(context, key), context.req.raw)

const timeoutMs = 3000

const rejectAfterTimeout = async (signal: AbortSignal): Promise<never> => {
  await scheduler.wait(timeoutMs, { signal })
  throw new Error(`No answer within ${timeoutMs} ms.`)
}

/**
 * Like `openInput`, for requests that can be answered without storage.
 *
 * @returns undefined when the workspace cannot be read within 3 s
 */
export const openIfReachable = async (
  context: InputContext,
  key: string
): Promise<InputRequest | undefined> => {
  const timeout = new AbortController()
  try {
    return await Promise.race([openInput(context, key), rejectAfterTimeout(timeout.signal)])
  } catch (error) {
    if (error instanceof RequestError) throw error
    log('warn', 'The workspace could not be read. Answered without it.', failure(error))
    return undefined
  } finally {
    timeout.abort()
  }
}
