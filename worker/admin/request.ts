import type { Context } from 'hono'
import { readBody } from '../base/body'
import { isTooDeep, type Json, parseJson } from '../base/json'
import { problem, RequestError } from '../base/problem'
import type { Bindings } from '../config/deployment'

export type AdminEnv = {
  Bindings: Bindings
  /** The name of the admin token, or the person who has signed in. */
  Variables: { who: string }
}
export type AdminContext = Context<AdminEnv>

export const notFound = (name: string, id: string): RequestError =>
  new RequestError(404, [problem('not_found', `${name}.${id}`, `There is no ${id} in ${name}.`)])

// A workspace is stored in one row, and none is larger.
const largestBody = 2_000_000

const readWith = async <T>({ req }: AdminContext, parse: (text: string) => T): Promise<T> => {
  const text = await readBody(req.raw, largestBody)
  if (isTooDeep(text)) {
    throw new RequestError(400, [problem('invalid_json', '', 'The body is nested too deep.')])
  }
  try {
    return parse(text)
  } catch {
    throw new RequestError(400, [problem('invalid_json', '', 'The body is not JSON.')])
  }
}

export const readJson = (context: AdminContext): Promise<unknown> =>
  readWith(context, (text): unknown => JSON.parse(text))

/** Keeps numbers as they were written: mpids and identities may be longer than 53 bits. */
export const readExactJson = (context: AdminContext): Promise<Json> => readWith(context, parseJson)

interface Page {
  limit: number
  /** The id after the page's first, since the newest come first. */
  before: number
}

/** Which page of a list the query names. What is not a number counts as missing. */
export const readPage = (
  { req }: AdminContext,
  { limit, most }: { limit: number; most: number }
): Page => {
  const requested = Math.trunc(Number(req.query('limit')))
  const before = Math.trunc(Number(req.query('before')))
  return {
    limit: requested >= 1 ? Math.min(requested, most) : limit,
    before: before >= 1 && Number.isSafeInteger(before) ? before : Number.MAX_SAFE_INTEGER,
  }
}
