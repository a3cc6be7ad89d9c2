import { Hono } from 'hono'
import { failure, log } from '../base/log'
import { type Problem, problem, RequestError, type Result } from '../base/problem'
import { routeOf } from '../base/route'
import {
  type DecodedBulk,
  decodeBulk,
  decodeHistorical,
  decodeSingle,
  errorsBody,
} from '../dialects/events-api/bodies'
import { allowBatches } from '../rates/allowance'
import { acceptBatch } from './accept'
import { acceptBulk } from './accept-bulk'
import type { Accepting } from './accepting'
import { openServerInput } from './basic-auth'
import { word } from './case-insensitive'
import { type HonoEnv, type InputContext, readGoverned, reject } from './receiving'

/** mParticle's Events API, for servers. No CORS: a page would give its secret away. */
export const eventsApi = new Hono<HonoEnv>()

const pathsOf = (...words: string[]): string[] => {
  const path = words.map((one) => `/${word(one)}`).join('')
  return [path, `${path}/`]
}
const single = pathsOf('v2', 'events')
const bulk = pathsOf('v2', 'bulkevents')
const historical = pathsOf('v2', 'bulkevents', 'historical')

eventsApi.on('POST', single, async (context) => {
  const accepting = await openServerInput(context)
  const text = await readText(context, accepting)
  const batch = decodeSingle(text)
  if (!batch.ok) return refuse(context, accepting, { problems: batch.problems, payload: text })
  await limit(context, accepting, 1)
  await acceptBatch(accepting, batch.value.checked, text)
  return context.body(null, 202)
})

eventsApi.on('POST', bulk, async (context) => {
  const accepting = await openServerInput(context)
  const text = await readText(context, accepting)
  return takeBulk(context, accepting, { text, decoded: decodeBulk(text) })
})

eventsApi.on('POST', historical, async (context) => {
  const accepting = await openServerInput(context)
  const text = await readText(context, accepting)
  const edge = { ...accepting.edge, is_historical: true }
  const decoded = decodeHistorical(text, Date.now())
  return takeBulk(context, { ...accepting, edge }, { text, decoded })
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

/** @throws RequestError 415, 413, or 400, which is then kept as rejected */
const readText = async (context: InputContext, accepting: Accepting): Promise<string> => {
  const coding = context.req.header('content-encoding') ?? 'identity'
  if (!/^(identity|(x-)?gzip)?$/i.test(coding)) {
    const problems = [problem('unsupported', '', 'The body may be plain or gzip.')]
    reject(context, accepting.input, { problems, payload: '' })
    throw new RequestError(415, problems)
  }
  const text = await readGoverned(context, accepting)
  if (text instanceof RequestError) throw text
  return text
}

const refuse = (
  context: InputContext,
  { input }: Accepting,
  rejected: { problems: Problem[]; payload: string }
): never => {
  reject(context, input, { ...rejected, isGoverned: true })
  throw new RequestError(400, rejected.problems)
}

const takeBulk = async (
  context: InputContext,
  accepting: Accepting,
  { text, decoded }: { text: string; decoded: Result<DecodedBulk> }
): Promise<Response> => {
  if (!decoded.ok) return refuse(context, accepting, { ...decoded, payload: text })
  const { good, bad, ignored } = decoded.value
  // Before anything is kept as rejected, so that what is sent again for a limit's sake is kept once.
  await limit(context, accepting, good.length)
  await acceptBulk(accepting, good)
  for (const one of [...bad, ...ignored]) {
    reject(context, accepting.input, { ...one, isGoverned: true })
  }
  if (bad.length > 0 && good.length + ignored.length === 0) {
    throw new RequestError(
      400,
      bad.flatMap((one) => one.problems)
    )
  }
  return context.body(null, 202)
}

/**
 * Counts batches against the limit of the input, and tells the sender how much of it is used.
 *
 * @throws RequestError 429 when they are too many
 */
const limit = async (
  context: InputContext,
  { env, input }: Accepting,
  batches: number
): Promise<void> => {
  const allowed = await allowBatches(env, input, batches)
  if (!allowed) return
  if (allowed.kind === 'taken') {
    context.header('x-mp-rate-limit-percentage-used', String(allowed.used_percent))
    return
  }
  const seconds = Math.max(1, Math.ceil(allowed.retry_ms / 1000))
  const message = `The limit of the input is used up: batches_per_second is ${input.batches_per_second}.`
  throw new RequestError(429, [problem('too_many_requests', '', message)], {
    'retry-after': String(seconds),
    // Keys of a platform are an app's, those of servers a feed's.
    'x-mp-rate-limit-exceeded': input.platform === 'server' ? 'feed' : 'app',
  })
}
