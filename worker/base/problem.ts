/** Something wrong in what a caller sent. `path` is dotted: `connections.0.settings.queue_url`. */
export interface Problem {
  code: string
  path: string
  message: string
}

export type Result<T> = { ok: true; value: T } | { ok: false; problems: Problem[] }

export const problem = (code: string, path: string, message: string): Problem => ({
  code,
  path,
  message,
})

/** Prefixes the paths of problems with that of their parent. */
export const within = (parent: string, problems: Problem[]): Problem[] =>
  problems.map((inner) => ({ ...inner, path: inner.path ? `${parent}.${inner.path}` : parent }))

/** An error answer: thrown in routes, and formatted in the error handler of their app. */
export class RequestError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503,
    readonly problems: Problem[],
    readonly headers: Record<string, string> = {}
  ) {
    super(problems.map(({ message }) => message).join(' '))
  }
}
