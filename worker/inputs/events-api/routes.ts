import { Hono } from 'hono'
import { failure, log } from '../../base/log'
import { type Problem, problem, RequestError, type Result } from '../../base/problem'
import { routeOf } from '../../base/route'
import {
  type DecodedBulk,
  decodeBulk,
  decodeHistorical,
  decodeSingle,
  errorsBody,
} from '../../dialects/events-api/bodies'
import { allowBatches } from '../../rates/allowance'
import { caseInsensitive } from '../case-insensitive'
import { acceptBatch } from '../upload/accept-batch'
import { acceptBulk } from '../upload/accept-bulk'
import { readRedactedBody } from '../upload/read-body'
import { reject } from '../upload/reject'
import type { HonoEnv, InputContext, InputRequest } from '../upload/request'
import { openServerInput } from './basic-auth'

/** mParticle's Events API, for servers. No CORS: a page would expose the secret. */
export const eventsApi = new Hono<HonoEnv>()

const pathsOf = (...segments: string[]): string[] => {
  const path = segments.map((segment) => `/${caseInsensitive(segment)}`).join('')
  return [path, `${path}/`]
}
const single = pathsOf('v2', 'events')
const bulk = pathsOf('v2', 'bulkevents')
const historical = pathsOf('v2', 'bulkevents', 'historical')

eventsApi.on('POST', single, async (context) => {
  const request = await openServerInput(context)
  const text = await readText(context, request)
  const batch = decodeSingle(text)
  if (!batch.ok) return refuse(request, { problems: batch.problems, payload: text })
  await limitBatches(context, request, 1)
  await acceptBatch(request, batch.value)
  return context.body(null, 202)
})

eventsApi.on('POST', bulk, async (context) => {
  const request = await openServerInput(context)
  const text = await readText(context, request)
  return answerBulk(context, request, { text, decoded: decodeBulk(text) })
})

eventsApi.on('POST', historical, async (context) => {
  const request = await openServerInput(context)
  const text = await readText(context, request)
  const edge = { ...request.edge, is_historical: true }
  const decoded = decodeHistorical(text, Date.now())
  return answerBulk(context, { ...request, edge }, { text, decoded })
})

eventsApi.on('ALL', [...single, ...bulk, ...historical], (context) => {
  const wrong = problem('method_not_allowed', '', 'Batches are posted.')
  return context.json(errorsBody(405, [wrong]), 405, { allow: 'POST' })
})

eventsApi.onError((error, context) => {
  const known = error instanceof RequestError ? error : unavailable(context, error)
  for (const [name, value] of Object.entries(known.headers)) context.header(name, value)
  if (known.status === 401 || known.status === 403) return context.body(null, known.status)
  return context.json(errorsBody(known.status, known.problems), known.status)
})

const unavailable = (context: InputContext, error: unknown): RequestError => {
  log('error', 'Batches of a server could not be stored.', {
    route: routeOf(context),
    ...failure(error),
  })
  const message = 'The batches could not be stored. Send them again.'
  return new RequestError(503, [problem('unavailable', '', message)])
}

/** @throws RequestError 415 or 413, or 400 when the body is no text; all are kept as rejected */
const readText = async (context: InputContext, request: InputRequest): Promise<string> => {
  const encoding = context.req.header('content-encoding') ?? 'identity'
  if (!/^(identity|(x-)?gzip)?$/i.test(encoding)) {
    const problems = [problem('unsupported', '', 'The body may be plain or gzip.')]
    reject(request, { problems, payload: '' })
    throw new RequestError(415, problems)
  }
  const text = await readRedactedBody(context, request)
  if (text instanceof RequestError) throw text
  return text
}

const refuse = (
  request: InputRequest,
  rejected: { problems: Problem[]; payload: string }
): never => {
  reject(request, { ...rejected, isRedacted: true })
  throw new RequestError(400, rejected.problems)
}

const answerBulk = async (
  context: InputContext,
  request: InputRequest,
  { text, decoded }: { text: string; decoded: Result<DecodedBulk> }
): Promise<Response> => {
  if (!decoded.ok) return refuse(request, { ...decoded, payload: text })
  const { good, bad, ignored } = decoded.value
  // First, since the client repeats a request that exceeds a limit: bad batches must be kept once.
  await limitBatches(context, request, good.length)
  await acceptBulk(request, good)
  for (const rejected of [...bad, ...ignored]) reject(request, { ...rejected, isRedacted: true })
  if (bad.length > 0 && good.length + ignored.length === 0) {
    const problems = bad.flatMap((rejected) => rejected.problems)
    throw new RequestError(400, problems)
  }
  return context.body(null, 202)
}

/**
 * Counts batches against the input's `batches_per_second`, and puts into the answer's headers how
 * much of it is used.
 *
 * @throws RequestError 429 when they are too many
 */
const limitBatches = async (
  context: InputContext,
  { env, input }: InputRequest,
  batches: number
): Promise<void> => {
  const allowed = await allowBatches(env, input, batches)
  if (!allowed) return
  if (allowed.kind === 'granted') {
    context.header('x-mp-rate-limit-percentage-used', String(allowed.used_percent))
    return
  }
  const seconds = Math.max(1, Math.ceil(allowed.retry_ms / 1000))
  const message = `The limit of the input is used up: batches_per_second is ${input.batches_per_second}.`
  throw new RequestError(429, [problem('too_many_requests', '', message)], {
    'retry-after': String(seconds),
    // mParticle's terms: the keys of an app's platform belong to an app, those of servers to a
    // feed.
    'x-mp-rate-limit-exceeded': input.platform === 'server' ? 'feed' : 'app',
  })
}
