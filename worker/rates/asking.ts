import { failure, log } from '../base/log'

const pauseMs = 1000
const warnEveryMs = 60_000
let nextAttemptMs = 0
let nextWarningMs = 0

/**
 * Asks an object that counts for a limit; undefined when it cannot be reached. After a failure no
 * object is asked for a second. Callers let everything in meanwhile, since losing all events would
 * be worse than exceeding a limit.
 */
export const askLimit = async <T>(now: number, ask: () => Promise<T>): Promise<T | undefined> => {
  if (now < nextAttemptMs) return undefined
  try {
    return await ask()
  } catch (error) {
    nextAttemptMs = now + pauseMs
    if (now < nextWarningMs) return undefined
    nextWarningMs = now + warnEveryMs
    log('warn', 'The rate limit could not be checked; requests are accepted.', failure(error))
    return undefined
  }
}
