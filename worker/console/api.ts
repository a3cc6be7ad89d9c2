import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { adminAs } from '../admin/acting'
import { type Problem, RequestError } from '../base/problem'
import type { ConsoleContext } from './env'

export interface AdminAnswer {
  status: ContentfulStatusCode
  /** Parsed; numbers beyond 2^53 are not exact in it, but are in `text`. */
  body: unknown
  text: string
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/**
 * An answer of the admin API to whoever is signed in, whatever its status.
 *
 * @param path below `/admin/v1`, with its query: `/inputs/web?note=by%20hand`
 */
export const callAdmin = async (
  context: ConsoleContext,
  method: Method,
  path: string,
  body?: unknown
): Promise<AdminAnswer> => {
  const { who, root } = context.var.session
  // Below the same base path, which is where answers have others come back to.
  const base = root.slice(0, -'/console'.length)
  const url = new URL(`${base}/admin/v1${path}`, context.req.url)
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
  const acting = { env: context.env, ctx: context.executionCtx }
  const answer = await adminAs(acting, who, new Request(url, init))
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false
  return {
    status: answer.status as ContentfulStatusCode,
    body: isJson ? parsed(text) : undefined,
    text,
  }
}

/** The problems of an answer that is an error. */
export const problemsOf = ({ status, body }: AdminAnswer): Problem[] =>
  // Our own API, of this very worker: its answers are as its routes write them.
  status < 400 ? [] : (body as { errors: Problem[] }).errors

const errorStatus = (status: number): RequestError['status'] =>
  status === 404 || status === 409 || status === 422 || status === 503 ? status : 500

/**
 * What the admin API has at a path, of the type that its route writes.
 *
 * @throws RequestError when it has not: the console shows its problems as a page
 */
export const readAdmin = async <T>(context: ConsoleContext, path: string): Promise<T> => {
  const answer = await callAdmin(context, 'GET', path)
  if (answer.status >= 400) throw new RequestError(errorStatus(answer.status), problemsOf(answer))
  return answer.body as T
}
