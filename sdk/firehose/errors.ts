/** A problem at a path of a message or registration. */
export interface Problem {
  path: string
  message: string
}

const messageOf = (problems: Problem[]): string =>
  problems.map(({ path, message }) => (path ? `${path} ${message}` : message)).join('; ')

/** The text is no message: no JSON object, or of an unknown type. Answered 400; not sent again. */
export class MessageError extends Error {
  override name = 'MessageError'
}

/** A message that violates the protocol and cannot be written, with all problems. */
export class WriteError extends Error {
  override name = 'WriteError'
  constructor(readonly problems: Problem[]) {
    super(messageOf(problems))
  }
}

/** A registration that platforms would reject, with all problems. */
export class RegistrationError extends Error {
  override name = 'RegistrationError'
  constructor(readonly problems: Problem[]) {
    super(messageOf(problems))
  }
}

/** The same message would fail again. Answered 422; not sent again. */
export class PermanentError extends Error {
  override name = 'PermanentError'
}

/**
 * A setting that is missing or of the wrong type. Permanent, since each message has the same
 * settings.
 */
export class SettingError extends PermanentError {
  override name = 'SettingError'
}

/**
 * A later attempt may succeed. Answered 503, or 429 with `Retry-After` if `afterSeconds` is set.
 */
export class RetryableError extends Error {
  override name = 'RetryableError'
  /** How long to wait, in seconds. */
  readonly afterSeconds: number | undefined

  constructor(message: string, options: ErrorOptions & { afterSeconds?: number } = {}) {
    super(message, options)
    this.afterSeconds = options.afterSeconds
  }
}
