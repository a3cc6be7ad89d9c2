import { isObject, type JsonObject } from '../base/json'
import { retryAfterMs } from '../base/retry-after'
import type { Outcome } from '../delivery'

interface Answered {
  status: number
  headers: Headers
  text: string
}

/** An answer of a token server, read whole, or why there was none. */
export type TokenAnswer = Answered | { failed: string }

export interface IssuedTokens {
  access_token: string
  refresh_token: string | undefined
  /** Undefined: nobody says that it ever expires. */
  lifetimeMs: number | undefined
}

export type Retry = Outcome & { kind: 'retry' }

export type TokenReading = { ok: true; issued: IssuedTokens } | { ok: false; outcome: Retry }

const secondMs = 1000
// A lifetime is a number of somebody else's, and times must stay dates.
const longestLifetimeMs = 10 * 365 * 86_400_000

const parse = (text: string): JsonObject => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

// Visible characters, as RFC 6749 appendix A has them: others do not fit into a header.
const readToken = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : undefined

// `expires_in` is a number of seconds, which some servers write as text.
const readLifetime = (value: unknown): number | undefined => {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined
  return Math.min(seconds * secondMs, longestLifetimeMs)
}

// Errors that pass by themselves, whatever their status; the first two are of RFC 6749 §4.1.2.1.
const passing = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

const readError = ({ error }: JsonObject): string =>
  typeof error === 'string' && /^[\w.:/-]{1,100}$/.test(error) ? error : ''

const longestDescription = 300
// Of a quoted secret, its beginning may be all that is quoted.
const tellingChars = 8

const quotes = (text: string, secrets: string[]): boolean =>
  secrets.some((secret) => {
    const beginning = secret.slice(0, tellingChars)
    return text.includes(beginning) || text.includes(encodeURIComponent(beginning))
  })

/** What a server says of an error, fit to be shown: bounded, in one line, and without our secrets. */
export const shownError = (answer: JsonObject, secrets: string[]): string => {
  const { error_description: description } = answer
  const words = [readError(answer), typeof description === 'string' ? description : '']
    .filter((one) => one !== '' && !quotes(one, secrets))
    .join(': ')
  return words
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, longestDescription)
    .replace(/\.$/, '')
}

const failed = (answer: Answered, secrets: string[]): Retry => {
  const { status, headers } = answer
  const body = parse(answer.text)
  const words = shownError(body, secrets)
  const reason = `The token server answered HTTP ${status}${words === '' ? '' : `, ${words}`}.`
  const isPassing =
    status >= 500 || status === 429 || status === 408 || passing.has(readError(body))
  if (!isPassing) {
    const isRevoked = readError(body) === 'invalid_grant'
    const advice = isRevoked ? ' Authorize the output again.' : ''
    return { kind: 'retry', reason: `${reason}${advice}`, ownerMustAct: true }
  }
  const afterMs = retryAfterMs(headers)
  return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
}

/**
 * What a token server's answer means (RFC 6749 §5). All errors but those that pass by themselves need
 * the owner: a revoked grant, a wrong client, a wrong URL.
 *
 * @param given.defaultSeconds the lifetime where the answer names none
 * @param given.secrets what no reason may quote
 */
export const readTokenAnswer = (
  answer: TokenAnswer,
  given: { defaultSeconds: number | undefined; secrets: string[] }
): TokenReading => {
  if ('failed' in answer) {
    const why = quotes(answer.failed, given.secrets) ? '' : `: ${answer.failed}`
    const reason = `The token server gave no answer${why}`
    return { ok: false, outcome: { kind: 'retry', reason } }
  }
  const isGood = answer.status >= 200 && answer.status < 300
  const body = parse(answer.text)
  // Some servers answer errors with 200.
  if (!isGood || body.error) return { ok: false, outcome: failed(answer, given.secrets) }
  const access_token = readToken(body.access_token)
  if (access_token === undefined) {
    const reason = 'The token server answered without an access token.'
    return { ok: false, outcome: { kind: 'retry', reason } }
  }
  const lifetimeMs = readLifetime(body.expires_in) ?? readLifetime(given.defaultSeconds)
  return {
    ok: true,
    issued: { access_token, refresh_token: readToken(body.refresh_token), lifetimeMs },
  }
}
