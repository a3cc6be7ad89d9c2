import { failure, log } from '../base/log'

const unreachableMs = 1000
const silentMs = 60_000
let triedAgainMs = 0
let warnedAgainMs = 0

/**
 * What an object answers that counts for a limit; undefined when it cannot be asked, and then for a
 * second nobody is. Everything is let in meanwhile: a limit guards against too much, and losing all
 * would be worse.
 */
export const askLimit = async <T>(now: number, ask: () => Promise<T>): Promise<T | undefined> => {
  if (now < triedAgainMs) return undefined
  try {
    return await ask()
  } catch (error) {
    triedAgainMs = now + unreachableMs
    if (now < warnedAgainMs) return undefined
    warnedAgainMs = now + silentMs
    log('warn', 'The rate limit could not be asked; batches are let in.', failure(error))
    return undefined
  }
}
