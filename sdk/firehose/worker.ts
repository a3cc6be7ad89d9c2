import { answerHttp, type HttpOptions, readText } from './http'
import type { MessageProcessor } from './processor'
import type { Awaitable } from './received'

type InstanceOf<Class> = Class extends { prototype: infer Instance } ? Instance : never
type Globals = typeof globalThis

/** The platform's `Request` and `Response`, whose types not every program has. */
export type WebRequest = Globals extends { Request: infer Class } ? InstanceOf<Class> : never
export type WebResponse = Globals extends { Response: infer Class } ? InstanceOf<Class> : never

export interface WorkerOptions<Env> extends Omit<HttpOptions, 'token'> {
  /** The token of `HttpOptions`, or a function that reads it from the bindings. */
  token?: string | undefined | ((env: Env) => Awaitable<string | undefined>)
}

/**
 * A processor for all requests, or a function that makes one for each, with its bindings for
 * instance.
 */
export type WorkerProcessor<Env> =
  | MessageProcessor
  | ((env: Env, context: unknown, request: WebRequest) => MessageProcessor)

const chunksOf = async function* (body: WebRequest['body']) {
  const reader = body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    yield part.value
  }
}

/** Answers a standard `Request`: in a Worker, in Deno, in Bun, or in a route of Hono. */
export const handleRequest = async (
  processor: MessageProcessor,
  request: WebRequest,
  options: HttpOptions = {}
): Promise<WebResponse> => {
  const { status, headers, body } = await answerHttp(
    processor,
    {
      method: request.method,
      path: new URL(request.url).pathname,
      header: (name) => request.headers.get(name) ?? undefined,
      read: (maxBytes) => readText(chunksOf(request.body), maxBytes),
    },
    options
  )
  return new Response(body, { status, headers })
}

/** Makes the default export of a Worker. */
export const worker = <Env = unknown>(
  processor: WorkerProcessor<Env>,
  options: WorkerOptions<Env> = {}
) => ({
  fetch: async (request: WebRequest, env: Env, context?: unknown): Promise<WebResponse> => {
    const { token, ...others } = options
    const value = typeof token === 'function' ? await token(env) : token
    return handleRequest(
      typeof processor === 'function' ? processor(env, context, request) : processor,
      request,
      'token' in options ? { ...others, token: value } : others
    )
  },
})
