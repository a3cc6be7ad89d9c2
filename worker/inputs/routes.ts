import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { CheckedBatch } from '../batch'
import { type Bindings, numberVariable, requireSecret } from '../config/deployment'
import { workspaceSnapshot } from '../config/snapshot'
import type { Input } from '../config/workspace-file'
import { problem, RequestError } from '../problem'
import { type Accepting, acceptAlias, acceptBatch } from './accept'
import { decodeAlias } from './alias'
import { readBody } from './body'
import { decodeBrowserBody } from './browser'
import { browserFacts } from './edge'
import { keepRejected } from './rejections'
import { decodeWeirBody } from './weir'

type HonoEnv = { Bindings: Bindings }
type InputContext = Context<HonoEnv>

const defaultMaxBytes = 262_144

export const inputs = new Hono<HonoEnv>()

// Every answer of these routes, errors included, must be readable to a page: without these headers
// the mParticle SDK sends the same batch again and again.
const allowPages: MiddlewareHandler<HonoEnv> = async (context, next) => {
  if (context.req.method === 'OPTIONS') {
    return context.body(null, 204, {
      ...corsHeaders(),
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'content-type, accept, x-mp-key',
      'access-control-max-age': '86400',
    })
  }
  // Before the answer is made: afterwards it would be made a second time.
  for (const [name, value] of Object.entries(corsHeaders())) context.header(name, value)
  return next()
}

inputs.use('/webevents/*', allowPages)
inputs.use('/in/*', allowPages)

/** The headers that let any page read an answer. Inputs restrict origins by refusing, not by hiding. */
export const corsHeaders = (): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-mp-max-age, retry-after',
})

const isAllowedOrigin = (input: Input, origin: string | undefined): boolean =>
  origin === undefined ||
  input.allowed_origins.includes('*') ||
  input.allowed_origins.includes(origin)

/**
 * Finds the input of a key and checks that the page may use it.
 *
 * @throws RequestError 403: the mParticle SDK then drops, and keeping would be pointless
 */
const openInput = async (context: InputContext, key: string): Promise<Accepting> => {
  const { env, req, executionCtx } = context
  const snapshot = await workspaceSnapshot(env, (promise) => executionCtx.waitUntil(promise))
  const input = snapshot.inputByKey.get(key)
  if (!input?.enabled) {
    throw new RequestError(403, [problem('unknown_key', 'key', 'No input has this key.')])
  }
  if (!isAllowedOrigin(input, req.header('origin'))) {
    const message = 'The origin of this page is not among the allowed_origins of the input.'
    throw new RequestError(403, [problem('origin_not_allowed', 'origin', message)])
  }
  const withLocation = snapshot
    .connectionsOf(input.id)
    .some((one) => one.settings.include_event_batch_location)
  return { env, snapshot, input, edge: browserFacts(req.raw, withLocation) }
}

// Above it, a window's uploads could no longer lie in one row of a profile.
const largestMaxBytes = 524_288

const maxBytes = ({ env }: InputContext): number =>
  Math.min(numberVariable(env.MAX_BODY_BYTES, defaultMaxBytes), largestMaxBytes)

/** The body, or why it was refused; it is then kept as rejected. */
const readOrReject = async (
  context: InputContext,
  { input }: Accepting
): Promise<string | RequestError> => {
  try {
    return await readBody(context.req.raw, maxBytes(context))
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    reject(context, input, { problems: error.problems, payload: '' })
    return error
  }
}

const reject = (
  { env, executionCtx }: InputContext,
  input: Input,
  rejected: Pick<Parameters<typeof keepRejected>[2], 'problems' | 'payload'>
): void =>
  keepRejected(env, (promise) => executionCtx.waitUntil(promise), { input: input.id, ...rejected })

/** Stores a batch; its events that are none are kept as rejected. */
const takeBatch = (
  context: InputContext,
  accepting: Accepting,
  { checked, text }: { checked: CheckedBatch; text: string }
): Promise<void> => {
  if (checked.problems.length > 0) {
    reject(context, accepting.input, { problems: checked.problems, payload: text })
  }
  return acceptBatch(accepting, checked, text)
}

// Dialects spell the fixed words of their paths in either case.
const word = (text: string): string =>
  `:${text.toLowerCase()}{${[...text].map((c) => `[${c.toLowerCase()}${c.toUpperCase()}]`).join('')}}`

inputs.post(`/webevents/v3/${word('js')}/:key/events`, async (context) => {
  const accepting = await openInput(context, context.req.param('key'))
  const text = await readOrReject(context, accepting)
  // 400 would make the mParticle SDK send it for ever, and 413 would make it drop the batches behind.
  if (text instanceof RequestError) return context.body(null, 202)
  const decoded = decodeBrowserBody(text)
  if ('problems' in decoded) {
    reject(context, accepting.input, { problems: decoded.problems, payload: text })
    return context.body(null, 202)
  }
  await takeBatch(context, accepting, { checked: decoded.checked, text })
  return context.body(null, 202)
})

// weir's own SDK sets aside what is refused and reports it, so it is told the truth. The path is
// short and plain, since ad blockers know the usual ones.
inputs.post('/in/:key', async (context) => {
  const accepting = await openInput(context, context.req.param('key'))
  const text = await readOrReject(context, accepting)
  if (text instanceof RequestError) throw text
  const decoded = await decodeWeirBody(text, Date.now(), () =>
    requireSecret(context.env, 'IDENTITY_KEY')
  )
  if ('problems' in decoded) {
    reject(context, accepting.input, { problems: decoded.problems, payload: text })
    throw new RequestError(400, decoded.problems)
  }
  if ('alias' in decoded) await acceptAlias(accepting, decoded.alias, decoded.text)
  else await takeBatch(context, accepting, { checked: decoded.checked, text })
  return context.body(null, 202)
})

inputs.post('/webevents/v1/identity/:key/:alias{[aA]lias}', async (context) => {
  const accepting = await openInput(context, context.req.param('key'))
  const text = await readBody(context.req.raw, maxBytes(context))
  const request = decodeAlias(text)
  if (!request.ok) {
    const [first] = request.problems
    // `code` and `message` are what the mParticle SDK hands to the page's callback.
    return context.json({ ...first, errors: request.problems }, 400)
  }
  await acceptAlias(accepting, request.value, text)
  return context.body(null, 202)
})
