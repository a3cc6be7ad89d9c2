export interface LogLine {
  level: string
  message: string
  /** The fields of the worker's `log` call; empty for anything else on its console. */
  fields: Record<string, unknown>
}

/** Reads a line of the worker's console, which is JSON when it comes from `worker/base/log.ts`. */
export const readLogLine = (line: { level: string; message: string }): LogLine => {
  try {
    const { level, message, ...fields } = JSON.parse(line.message)
    if (typeof level === 'string' && typeof message === 'string') return { level, message, fields }
  } catch {
    // Not written by `log`.
  }
  return { level: line.level, message: line.message, fields: {} }
}

/** `warn  Delivery failed and will be retried.  connection=lake waitMs=812` */
export const formatLogLine = ({ level, message, fields }: LogLine): string => {
  const { stack, ...rest } = fields
  const texts = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`
  )
  const trace = typeof stack === 'string' ? `\n${stack}` : ''
  return [level.padEnd(5), message, ...texts].join('  ') + trace
}

/** Writes warnings and errors to stderr and drops the rest. */
export const writeLogLine = (line: LogLine): void => {
  if (line.level === 'warn' || line.level === 'error') console.error(formatLogLine(line))
}
