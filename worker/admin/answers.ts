import type { Context } from 'hono'
import type { Bindings } from '../config/deployment'
import { type Json, parseJson } from '../json'
import { problem, RequestError } from '../problem'

export type AdminEnv = { Bindings: Bindings }
export type AdminContext = Context<AdminEnv>

export const notFound = (name: string, id: string): RequestError =>
  new RequestError(404, [problem('not_found', `${name}.${id}`, `There is no ${id} in ${name}.`)])

const readWith = async <T>({ req }: AdminContext, parse: (text: string) => T): Promise<T> => {
  const text = await req.text()
  try {
    return parse(text)
  } catch {
    throw new RequestError(400, [problem('invalid_json', '', 'The body is not JSON.')])
  }
}

export const readJson = (context: AdminContext): Promise<unknown> =>
  readWith(context, (text): unknown => JSON.parse(text))

/** The same with numbers as they were written: mpids and identities may be long ones. */
export const readExactJson = (context: AdminContext): Promise<Json> => readWith(context, parseJson)
