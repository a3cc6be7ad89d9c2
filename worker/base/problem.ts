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

/** Puts a list of problems below a parent path. */
export const within = (parent: string, problems: Problem[]): Problem[] =>
  problems.map((one) => ({ ...one, path: one.path ? `${parent}.${one.path}` : parent }))

/** An answer that is an error, thrown in routes and worded once, in the app's error handler. */
export class RequestError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503,
    readonly problems: Problem[],
    readonly headers: Record<string, string> = {}
  ) {
    super(problems.map((one) => one.message).join(' '))
  }
}
