import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as v from 'valibot'
import { adminAs } from '../admin/access/acting'
import { errorsSchema } from '../admin/answers/errors'
import { type Problem, RequestError } from '../base/problem'
import type { ConsoleContext } from './env'

export interface AdminAnswer {
  status: ContentfulStatusCode
  /** Parsed; numbers beyond 2^53 are not exact in it, but are in `text`. */
  body: unknown
  text: string
}

/** An answer of the admin API that does not fit its schema. It is logged, so it quotes no values. */
export class UnexpectedAnswer extends Error {
  constructor(issue: v.BaseIssue<unknown>) {
    const place = v.getDotPath(issue) ?? 'the body'
    const wrong = issue.received === 'undefined' ? 'is missing' : `should be ${issue.expected}`
    super(`The admin API’s answer is not as expected: ${place} ${wrong}.`)
  }
}

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/**
 * Calls the admin API as the person who is signed in. Error statuses are returned like others.
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
  // Below the same base path, so that redirect URIs in answers are below it too.
  const base = root.slice(0, -'/console'.length)
  const url = new URL(`${base}/admin/v1${path}`, context.req.url)
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
  const acting = { env: context.env, ctx: context.executionCtx }
  const response = await adminAs(acting, who, new Request(url, init))
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return {
    status: response.status as ContentfulStatusCode,
    body: isJson ? parsed(text) : undefined,
    text,
  }
}

/** @throws UnexpectedAnswer when the body does not fit the schema */
export const parseAnswer = <T>(
  schema: v.GenericSchema<unknown, T>,
  { body }: Pick<AdminAnswer, 'body'>
): T => {
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  throw new UnexpectedAnswer(result.issues[0])
}

/** The problems of an answer that is an error. */
export const problemsOf = (answer: AdminAnswer): Problem[] =>
  answer.status < 400 ? [] : parseAnswer(errorsSchema, answer).errors

const errorStatus = (status: number): RequestError['status'] =>
  status === 404 || status === 409 || status === 422 || status === 503 ? status : 500

/**
 * Reads what the admin API has at a path.
 *
 * @throws RequestError when it answers an error: the console shows its problems as a page
 * @throws UnexpectedAnswer when the answer does not fit the schema
 */
export const readAdmin = async <T>(
  context: ConsoleContext,
  schema: v.GenericSchema<unknown, T>,
  path: string
): Promise<T> => {
  const answer = await callAdmin(context, 'GET', path)
  if (answer.status >= 400) throw new RequestError(errorStatus(answer.status), problemsOf(answer))
  return parseAnswer(schema, answer)
}
