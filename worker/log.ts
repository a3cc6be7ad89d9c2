type Level = 'info' | 'warn' | 'error'

/**
 * Writes one JSON line. The message is a fixed sentence, what varies goes into `fields`.
 * Never pass bodies, identities, attributes or credentials.
 */
export const log = (level: Level, message: string, fields: Record<string, unknown> = {}): void => {
  console[level](JSON.stringify({ level, message, ...fields }))
}

/** What may be told of an unexpected failure: its name and message, never what it carried. */
export const failure = (error: unknown): { error: string; stack?: string | undefined } =>
  error instanceof Error
    ? { error: `${error.name}: ${error.message}`, stack: error.stack }
    : { error: String(error) }
