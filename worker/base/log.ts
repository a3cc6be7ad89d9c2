type Level = 'info' | 'warn' | 'error'

/**
 * Writes one JSON line. The message is a fixed sentence of `logs.md`; what varies goes into
 * `fields`. Never pass bodies, identities, attributes or credentials.
 */
export const log = (level: Level, message: string, fields: Record<string, unknown> = {}): void => {
  console[level](JSON.stringify({ level, message, ...fields }))
}

/** The fields of an unexpected failure that may be logged: name, message and stack. */
export const failure = (error: unknown): { error: string; stack?: string | undefined } =>
  error instanceof Error
    ? { error: `${error.name}: ${messageOf(error)}`, stack: framesOf(error) }
    : { error: typeof error === 'string' ? error : 'Something was thrown that is no error.' }

// The message of the JSON parser quotes its input.
const messageOf = (error: Error): string =>
  error.name === 'SyntaxError' ? 'A text could not be parsed.' : error.message

// The first lines of a stack repeat the message.
const framesOf = ({ stack }: Error): string | undefined =>
  stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')
