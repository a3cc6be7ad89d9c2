/** A place in a message or registration, and what is wrong there. */
export interface Problem {
  path: string
  message: string
}

const listed = (problems: Problem[]): string =>
  problems.map(({ path, message }) => (path ? `${path} ${message}` : message)).join('; ')

/** Not a message: no JSON object, or of no known type. Answered 400, which is not sent again. */
export class MessageError extends Error {
  override name = 'MessageError'
}

/** A message that must not be written as it is, with all that is wrong. */
export class WriteError extends Error {
  override name = 'WriteError'
  constructor(readonly problems: Problem[]) {
    super(listed(problems))
  }
}

/** A registration that the platform would refuse, with all that is wrong. */
export class RegistrationError extends Error {
  override name = 'RegistrationError'
  constructor(readonly problems: Problem[]) {
    super(listed(problems))
  }
}

/** The same message would fail again. Answered 422: the platform gives it up. */
export class PermanentError extends Error {
  override name = 'PermanentError'
}

/** A setting that is missing, or not what its type says. It comes with each message, so: permanent. */
export class SettingError extends PermanentError {
  override name = 'SettingError'
}

/** A later attempt may succeed. Answered 503, or 429 with `Retry-After` when a delay is given. */
export class RetryableError extends Error {
  override name = 'RetryableError'
  /** How long to wait, in seconds. */
  readonly afterSeconds: number | undefined

  constructor(message: string, options: ErrorOptions & { afterSeconds?: number } = {}) {
    super(message, options)
    this.afterSeconds = options.afterSeconds
  }
}
