import { type Grant, grantTypeOf, type OAuthConfig } from './oauth2'
import type { IssuedTokens } from './token-answer'

/** The tokens of one output. */
export interface Tokens {
  access_token: string
  refresh_token: string | undefined
  /** When they were requested. */
  obtained_ms: number
  /** Null when the access token is not known to expire. */
  expires_ms: number | null
}

const maxAheadMs = 600_000

/** When a token is to be refreshed: ten minutes, or a fifth of its lifetime, before it expires. */
export const dueMs = ({ obtained_ms, expires_ms }: Omit<Tokens, 'access_token'>): number | null =>
  expires_ms === null
    ? null
    : Math.floor(expires_ms - Math.min(maxAheadMs, (expires_ms - obtained_ms) / 5))

export const isDue = (tokens: Tokens, now_ms: number): boolean => {
  const due = dueMs(tokens)
  return due !== null && due <= now_ms
}

export const isExpired = ({ expires_ms }: Tokens, now_ms: number): boolean =>
  expires_ms !== null && expires_ms <= now_ms

/**
 * @param before the refreshed tokens, whose refresh token stays valid unless a new one is issued
 */
export const tokensOf = (
  issued: IssuedTokens,
  requested_ms: number,
  before: Tokens | undefined
): Tokens => ({
  access_token: issued.access_token,
  refresh_token: issued.refresh_token ?? before?.refresh_token,
  obtained_ms: requested_ms,
  expires_ms: issued.lifetimeMs === undefined ? null : requested_ms + issued.lifetimeMs,
})

/** The grant for the next tokens; undefined when the owner must authorize the output again. */
export const nextGrant = (config: OAuthConfig, tokens: Tokens | undefined): Grant | undefined => {
  if (grantTypeOf(config) === 'client_credentials') return { grant_type: 'client_credentials' }
  const refresh_token = tokens?.refresh_token
  return refresh_token === undefined ? undefined : { grant_type: 'refresh_token', refresh_token }
}
