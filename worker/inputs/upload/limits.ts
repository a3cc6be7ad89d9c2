import { isbot } from 'isbot'
import { problem, RequestError } from '../../base/problem'
import { requireSecret } from '../../config/deployment'
import { subscriberOf } from '../../dialects/privacy/address'
import { hashOf } from '../../dialects/privacy/rules'
import { minuteMs } from '../../rates/minute'
import { allowAddress, allowRequest } from '../../rates/minute-allowance'
import { untilMidnightMs } from '../../rates/quota'
import { allowEvents } from '../../rates/quota-allowance'
import { tally } from '../../rates/tallying'
import type { InputRequest } from './request'

const tooMany = (code: string, message: string, waitMs: number): RequestError =>
  new RequestError(429, [problem(code, '', message)], {
    'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))),
  })

const untilNextMinuteMs = (now: number): number => minuteMs - (now % minuteMs)

/**
 * Counts a request against its input's limits per minute.
 *
 * @param raw the HTTP request, where it comes from a user's device and its address is limited too
 * @throws RequestError 429 when there are too many
 */
export const limitRequests = async (
  request: Omit<InputRequest, 'edge'>,
  raw?: Request
): Promise<void> => {
  const { env, input } = request
  if (!input.limits) return
  const address = raw?.headers.get('cf-connecting-ip')
  if (address && input.limits.requests_per_minute_per_address !== undefined) {
    const hash = hashOf(requireSecret(env, 'IDENTITY_KEY'))(subscriberOf(address)).slice(0, 32)
    if (!(await allowAddress(env, input, hash))) {
      tally(request, 'requests_over_address_limit')
      const message = 'Too many requests came from this address.'
      throw tooMany('too_many_requests', message, untilNextMinuteMs(Date.now()))
    }
  }
  if (await allowRequest(env, input)) return
  tally(request, 'requests_over_minute_limit')
  const message = 'The limit of the input is used up: requests_per_minute.'
  throw tooMany('too_many_requests', message, untilNextMinuteMs(Date.now()))
}

const robotAction = (request: InputRequest, raw: Request): 'keep' | 'flag' | 'drop' => {
  const bots = request.input.limits?.bots
  if (!bots || bots === 'keep' || !isbot(raw.headers.get('user-agent'))) return 'keep'
  tally(request, bots === 'drop' ? 'requests_of_bots_dropped' : 'requests_of_bots_flagged')
  return bots
}

/**
 * Counts an upload of a page or an app against its input's limits, and marks robots and Global
 * Privacy Control.
 *
 * @returns undefined for a robot whose events are dropped
 * @throws RequestError 429 when there are too many requests
 */
export const admitRequest = async (
  request: InputRequest,
  raw: Request
): Promise<InputRequest | undefined> => {
  const { privacy, limits } = request.input
  if (!privacy && !limits) return request
  await limitRequests(request, raw)
  const robot = robotAction(request, raw)
  if (robot === 'drop') return undefined
  const has_gpc = privacy?.respect_gpc === true && raw.headers.get('sec-gpc') === '1'
  return { ...request, has_gpc, is_bot: robot === 'flag' }
}

/**
 * Counts events against their input's quota of the day.
 *
 * @param sizes the number of events of each batch; an empty batch counts as one, since it is stored
 * @throws RequestError 429 when not all of them fit
 */
export const limitEvents = async (request: InputRequest, sizes: number[]): Promise<void> => {
  const { env, input } = request
  if (input.limits?.events_per_day === undefined) return
  const events = sizes.reduce((sum, size) => sum + Math.max(1, size), 0)
  if (await allowEvents(env, input, events)) return
  tally(request, 'events_over_quota', events)
  const message = 'The quota of the input is used up: events_per_day.'
  throw tooMany('quota_exceeded', message, untilMidnightMs(Date.now()))
}
