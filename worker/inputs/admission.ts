import { isbot } from 'isbot'
import { problem, RequestError } from '../base/problem'
import { requireSecret } from '../config/deployment'
import { subscriberOf } from '../dialects/privacy/address'
import { hashOf } from '../dialects/privacy/rules'
import { minuteMs } from '../rates/minute'
import { allowAddress, allowRequest } from '../rates/minute-allowance'
import { untilMidnightMs } from '../rates/quota'
import { allowEvents } from '../rates/quota-allowance'
import { tally } from '../rates/tallying'
import type { Accepting } from './accepting'

const tooMany = (code: string, message: string, waitMs: number): RequestError =>
  new RequestError(429, [problem(code, '', message)], {
    'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))),
  })

const untilNextMinuteMs = (now: number): number => minuteMs - (now % minuteMs)

/**
 * Counts a request against the limits of its input.
 *
 * @throws RequestError 429 when there are too many
 */
export const limitRequests = async (accepting: Accepting, request?: Request): Promise<void> => {
  const { env, input } = accepting
  if (!input.limits) return
  const address = request?.headers.get('cf-connecting-ip')
  if (address && input.limits.requests_per_minute_per_address !== undefined) {
    const hash = hashOf(requireSecret(env, 'IDENTITY_KEY'))(subscriberOf(address)).slice(0, 32)
    if (!(await allowAddress(env, input, hash))) {
      tally(accepting, 'requests_over_address_limit')
      const message = 'Too many requests came from this address.'
      throw tooMany('too_many_requests', message, untilNextMinuteMs(Date.now()))
    }
  }
  if (await allowRequest(env, input)) return
  tally(accepting, 'requests_over_minute_limit')
  const message = 'The limit of the input is used up: requests_per_minute.'
  throw tooMany('too_many_requests', message, untilNextMinuteMs(Date.now()))
}

/** What becomes of a request for its user agent: `keep` when it is no robot's. */
export const judgeAgent = (accepting: Accepting, request: Request): 'keep' | 'flag' | 'drop' => {
  const bots = accepting.input.limits?.bots ?? 'keep'
  if (bots === 'keep' || !isbot(request.headers.get('user-agent'))) return 'keep'
  tally(accepting, bots === 'drop' ? 'requests_of_bots_dropped' : 'requests_of_bots_flagged')
  return bots
}

/**
 * Lets a request of a page or an app in.
 *
 * @returns undefined when it is a robot's whose events are not wanted
 * @throws RequestError 429 when there are too many
 */
export const admit = async (
  accepting: Accepting,
  request: Request
): Promise<Accepting | undefined> => {
  const { privacy, limits } = accepting.input
  if (!privacy && !limits) return accepting
  await limitRequests(accepting, request)
  const bot = judgeAgent(accepting, request)
  if (bot === 'drop') return undefined
  const has_gpc = privacy?.respect_gpc === true && request.headers.get('sec-gpc') === '1'
  return { ...accepting, has_gpc, is_bot: bot === 'flag' }
}

/**
 * Counts what is to be stored against the quota of its input.
 *
 * @param sizes how many events each batch has. One without any is stored as well, and counts as one
 * @throws RequestError 429 when they do not fit any more
 */
export const limitEvents = async (accepting: Accepting, sizes: number[]): Promise<void> => {
  const { env, input } = accepting
  if (input.limits?.events_per_day === undefined) return
  const events = sizes.reduce((sum, size) => sum + Math.max(1, size), 0)
  if (await allowEvents(env, input, events)) return
  tally(accepting, 'events_over_quota', events)
  const message = 'The quota of the input is used up: events_per_day.'
  throw tooMany('quota_exceeded', message, untilMidnightMs(Date.now()))
}
