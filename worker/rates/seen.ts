import { failure, log } from '../base/log'
import { objectsOf } from '../config/deployment'
import type { Counting } from './tallying'

const everyMs = 60_000

const toldMs = new Map<string, number>()

const tell = async ({ env, input }: Counting): Promise<void> => {
  try {
    await objectsOf(env).RATE_LIMIT.getByName(input.id).seen()
  } catch (error) {
    log('warn', 'When an input was seen last could not be noted.', failure(error))
  }
}

/** Notes that an input sends, once a minute from each isolate. Never in the way of an answer. */
export const noteSeen = (counting: Counting): void => {
  const { waitUntil, input } = counting
  const now = Date.now()
  if (!waitUntil || now - (toldMs.get(input.id) ?? 0) < everyMs) return
  toldMs.set(input.id, now)
  waitUntil(tell(counting))
}
