import { failure, log } from '../base/log'
import { objectsOf } from '../config/deployment'
import type { CountingInput } from './tallying'

const reportEveryMs = 60_000

const reportedMs = new Map<string, number>()

const report = async ({ env, input }: CountingInput): Promise<void> => {
  try {
    await objectsOf(env).RATE_LIMIT.getByName(input.id).seen()
  } catch (error) {
    log('warn', 'The time at which an input was last seen could not be stored.', failure(error))
  }
}

/**
 * Stores when an input last received events, at most once a minute from each isolate. Returns at
 * once and never fails.
 */
export const reportSeen = (counting: CountingInput): void => {
  const { waitUntil, input } = counting
  const now = Date.now()
  if (now - (reportedMs.get(input.id) ?? 0) < reportEveryMs) return
  reportedMs.set(input.id, now)
  waitUntil(report(counting))
}
