import type { OAuthConfig } from '../../authorizations/oauth2'
import { type Bindings, objectsOf } from '../../config/deployment'
import type { Outcome } from '../../delivery'
import type { AuthorizationHeader } from '../../outputs/firehose/exchange/transport'
import type { AccessToken } from '../../outputs/firehose/integration'

// The authorization object refreshes the token well before this.
const aheadMs = 60_000
const cachedMs = 300_000
const refusedAgainMs = 60_000

/** The OAuth2 access token of an output, cached while it is valid. */
export class OutputAccessToken implements AccessToken {
  #current: { token: string; until_ms: number } | undefined
  #refused: string | undefined
  #refusedMs = 0

  constructor(
    private readonly env: Bindings,
    private readonly output: string,
    private readonly config: OAuthConfig
  ) {}

  get needsPerson(): boolean {
    return this.config.authentication.grant_type !== 'client_credentials'
  }

  async header(): Promise<AuthorizationHeader | Outcome> {
    try {
      const token = await this.#token()
      return typeof token === 'string' ? this.#headerOf(token) : token
    } catch (error) {
      const reason = `The access token could not be got: ${error instanceof Error ? error.message : ''}`
      return { kind: 'retry', reason }
    }
  }

  async #token(): Promise<string | Outcome> {
    const now = Date.now()
    if (this.#current && this.#current.until_ms > now) return this.#current.token
    const object = objectsOf(this.env).AUTHORIZATION.getByName(this.output)
    const answer = await object.token(this.config, this.#refused)
    if (!answer.ok) return answer.outcome
    // One request asked for it before another had it refused.
    if (answer.token === this.#refused) return answer.token
    this.#refused = undefined
    const until = answer.expires_ms === null ? now + cachedMs : answer.expires_ms - aheadMs
    this.#current = { token: answer.token, until_ms: Math.min(until, now + cachedMs) }
    return answer.token
  }

  #headerOf(token: string): AuthorizationHeader {
    const { access_token_type, custom_header_name } = this.config.authentication
    return access_token_type === 'custom_header' && custom_header_name
      ? { header: custom_header_name, value: token }
      : { header: 'Authorization', value: `Bearer ${token}` }
  }

  refuse({ value }: AuthorizationHeader): boolean {
    // Requests that were sent at the same time were refused for the same token.
    const isCurrent = this.#current && this.#headerOf(this.#current.token).value === value
    if (!isCurrent) return true
    const now = Date.now()
    if (now - this.#refusedMs < refusedAgainMs) return false
    this.#refusedMs = now
    this.#refused = this.#current?.token
    this.#current = undefined
    return true
  }
}
