import { DurableObject } from 'cloudflare:workers'
import { failure, log } from '../base/log'
import { Mutex } from '../base/mutex'
import { reasonClass } from '../base/reason'
import { type Bindings, configKeys, deploymentOf } from '../config/deployment'
import type { SealedUnder } from '../config/seal'
import { readStored } from '../config/snapshot'
import type { Outcome } from '../delivery'
import { configProblem, type Grant, type OAuthConfig, tokenRequest } from './oauth2'
import { openOAuthConfig } from './output-config'
import { type IssuedTokens, type Retry, readTokenAnswer } from './token-answer'
import { sendTokenRequest } from './token-server'
import { type Failure, TokenStore } from './token-store'
import { dueMs, isDue, isExpired, nextGrant, type Tokens, tokensOf } from './tokens'

export type TokenResult =
  | { ok: true; token: string; expires_ms: number | null }
  | { ok: false; outcome: Outcome }

export interface AuthorizationStatus {
  /** `failing`: its owner must act, or no token is left while the token server is down. */
  status: 'none' | 'authorized' | 'failing'
  /** Of the access token; null when it is not known to expire, or there is none. */
  expires_ms: number | null
  last_error: { at_ms: number; reason: string } | null
}

// The integration refuses a token that is younger for another reason, so a new one would not help.
const minRefusedAgeMs = 60_000
// Some hours of attempts. After them a token is requested only when a delivery needs one.
const maxAlarms = 20
const retryAlarmMs = 300_000
// Tokens of a shorter lifetime are refreshed only when a delivery needs one.
const minAlarmMs = 240_000

const success = ({ access_token, expires_ms }: Tokens): TokenResult => ({
  ok: true,
  token: access_token,
  expires_ms,
})

const noToken = (outcome: Retry): TokenResult => ({ ok: false, outcome })

const outOfDate = 'This authorization was used, or is out of date. Begin it again.'

const needsOwner = (reason: string): Retry => ({ kind: 'retry', reason, ownerMustAct: true })

const missingReason = (tokens: Tokens | undefined, isRefused: boolean): string => {
  if (!tokens) return 'The output is not authorized yet. Authorize it.'
  const cause = isRefused
    ? 'The integration refused the access token'
    : 'The access token has expired'
  return `${cause}, and there is no refresh token. Authorize the output again.`
}

/**
 * The OAuth2 tokens of one output; the object's name is the output's id. Callers pass the
 * configuration with its secrets opened. The alarm, which refreshes tokens before they expire,
 * reads it from the workspace. `TokenStore` says what is stored.
 */
export class Authorization extends DurableObject<Bindings> {
  readonly #store: TokenStore
  // Serializes all that requests or changes tokens: a refresh token may be valid for one use only.
  readonly #mutex = new Mutex()

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#store = new TokenStore(ctx.storage, ctx.id.name, () => configKeys(env))
  }

  /**
   * A valid access token, requested or refreshed if necessary.
   *
   * @param refusedToken a token that the integration refused, which is not returned again
   */
  async token(config: OAuthConfig, refusedToken?: string): Promise<TokenResult> {
    const stored = () => this.#storedToken(config, refusedToken)
    return (
      (await stored()) ??
      // Read again, since the call that held the mutex may have renewed the token.
      this.#mutex.run(async () => (await stored()) ?? this.#renew(config, refusedToken))
    )
  }

  /** Undefined when another token must be requested. */
  async #storedToken(config: OAuthConfig, refusedToken?: string): Promise<TokenResult | undefined> {
    const tokens = await this.#store.tokens(config)
    if (!tokens) return undefined
    const now = Date.now()
    if (tokens.access_token !== refusedToken) {
      return isDue(tokens, now) ? undefined : success(tokens)
    }
    const afterMs = tokens.obtained_ms + minRefusedAgeMs - now
    if (afterMs <= 0) return undefined
    const reason = 'The integration refused an access token that was just issued.'
    return noToken({ kind: 'retry', reason, afterMs })
  }

  async #renew(config: OAuthConfig, refusedToken?: string): Promise<TokenResult> {
    const tokens = await this.#store.tokens(config)
    const isRefused = tokens !== undefined && tokens.access_token === refusedToken
    const isStillValid = tokens && !isRefused && !isExpired(tokens, Date.now())
    const orStillValid = (outcome: Retry) => (isStillValid ? success(tokens) : noToken(outcome))
    const failed = await this.#store.failure(config)
    const afterMs = (failed?.next_ms ?? 0) - Date.now()
    if (failed && afterMs > 0) return orStillValid({ ...failed.outcome, afterMs })
    const grant = nextGrant(config, tokens)
    if (!grant) return orStillValid(needsOwner(missingReason(tokens, isRefused)))
    const renewed = await this.#obtain(config, grant, tokens)
    return 'kind' in renewed ? orStillValid(renewed) : success(renewed)
  }

  /** Requests tokens and stores them, or the failure. */
  async #obtain(config: OAuthConfig, grant: Grant, before?: Tokens): Promise<Tokens | Retry> {
    const requestedMs = Date.now()
    const issued = await this.#request(config, grant)
    if ('kind' in issued) {
      await this.#handleFailure(await this.#store.fail(config, issued), before)
      return issued
    }
    const tokens = tokensOf(issued, requestedMs, before)
    await this.#save(config, tokens)
    return tokens
  }

  async #request(config: OAuthConfig, grant: Grant): Promise<IssuedTokens | Retry> {
    const wrong = configProblem(config, deploymentOf(this.env).allowsCustomEndpoints)
    if (wrong) return needsOwner(wrong)
    const request = tokenRequest(config, grant)
    const read = readTokenAnswer(await sendTokenRequest(request), {
      defaultSeconds: config.authentication.default_expires_in,
      secrets: request.secrets,
    })
    return read.ok ? read.issued : read.outcome
  }

  // Committed before it is used: the refresh token that it replaces may be invalid from now on.
  async #save(config: OAuthConfig, tokens: Tokens): Promise<void> {
    await this.#store.save(config, tokens)
    await this.#setAlarm(config, tokens)
    await this.ctx.storage.sync()
  }

  async #setAlarm(config: OAuthConfig, tokens: Tokens): Promise<void> {
    const due = dueMs(tokens)
    const isLongLived = due !== null && due - tokens.obtained_ms >= minAlarmMs
    if (isLongLived && nextGrant(config, tokens)) await this.ctx.storage.setAlarm(due)
    else await this.ctx.storage.deleteAlarm()
  }

  async #handleFailure({ attempts, next_ms, outcome }: Failure, before?: Tokens): Promise<void> {
    const fields = {
      output: this.#store.output,
      attempt: attempts,
      reason: reasonClass(outcome.reason),
    }
    if (outcome.ownerMustAct) return log('error', 'No access token; its owner must act.', fields)
    log('warn', 'No access token; it will be tried again.', fields)
    if (before && attempts < maxAlarms) await this.ctx.storage.setAlarm(next_ms)
  }

  override async alarm(): Promise<void> {
    try {
      await this.#refreshAhead()
    } catch (error) {
      const fields = { output: this.#store.output, ...failure(error) }
      log(
        'error',
        'A token could not be refreshed before it expires; it will be tried again.',
        fields
      )
      await this.ctx.storage.setAlarm(Date.now() + retryAlarmMs)
    }
  }

  async #refreshAhead(): Promise<void> {
    const { file } = await readStored(this.env)
    const output = file.outputs.find(({ id }) => id === this.#store.output)
    if (!output) return this.forget()
    const config = await openOAuthConfig(output, configKeys(this.env))
    if (!config) return
    await this.#mutex.run(async () => {
      const tokens = await this.#store.tokens(config)
      if (!tokens) return
      if (isDue(tokens, Date.now())) await this.#renew(config)
      else await this.#setAlarm(config, tokens)
    })
  }

  /** Requests new tokens at once, ignoring valid ones and the backoff after failures. */
  async renew(config: OAuthConfig): Promise<TokenResult> {
    return this.#mutex.run(async () => {
      const tokens = await this.#store.tokens(config)
      const grant = nextGrant(config, tokens)
      if (!grant) return noToken(needsOwner(missingReason(tokens, false)))
      const renewed = await this.#obtain(config, grant, tokens)
      return 'kind' in renewed ? noToken(renewed) : success(renewed)
    })
  }

  /** Begins an authorization by the owner, which `exchange` must end within 15 minutes. */
  begin(config: OAuthConfig, redirectUri: string): Promise<{ nonce: string; expires_ms: number }> {
    return this.#store.begin(config, redirectUri)
  }

  /**
   * Ends an authorization, once, by exchanging the code with which the owner came back for tokens.
   *
   * @param callback.code undefined when the owner came back without one: the authorization failed
   */
  async exchange(
    config: OAuthConfig,
    { nonce, code }: { nonce: string; code: string | undefined }
  ): Promise<{ ok: true } | { ok: false; reason: string }> {
    return this.#mutex.run(async () => {
      const begun = await this.#store.end(config, nonce)
      if (!begun) return { ok: false, reason: outOfDate }
      if (code === undefined) return { ok: false, reason: 'No authorization code came back.' }
      const grant: Grant = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: begun.redirect_uri,
      }
      const requestedMs = Date.now()
      const issued = await this.#request(config, grant)
      if ('kind' in issued) return { ok: false, reason: issued.reason }
      // The tokens may be of another account, so the earlier refresh token must not be kept for
      // them.
      await this.#save(config, tokensOf(issued, requestedMs, undefined))
      return { ok: true }
    })
  }

  async status(config: OAuthConfig): Promise<AuthorizationStatus> {
    const tokens = await this.#store.tokens(config)
    const failed = await this.#store.failure(config)
    const error = failed && { at_ms: failed.at_ms, reason: failed.outcome.reason }
    if (!tokens) {
      return { status: failed ? 'failing' : 'none', expires_ms: null, last_error: error ?? null }
    }
    const { expires_ms } = tokens
    const hasExpired = isExpired(tokens, Date.now())
    if (hasExpired && !nextGrant(config, tokens)) {
      const last_error = { at_ms: expires_ms ?? 0, reason: missingReason(tokens, false) }
      return { status: 'failing', expires_ms, last_error }
    }
    const isFailing = failed !== undefined && (hasExpired || failed.outcome.ownerMustAct === true)
    const status = isFailing ? 'failing' : 'authorized'
    return { status, expires_ms, last_error: error ?? null }
  }

  /** How many of the tokens are sealed under which key. */
  countSeals(): Promise<Record<SealedUnder, number>> {
    return this.#store.countSeals()
  }

  /** Seals the tokens again under the current key. @returns as `seals` */
  async rotate(config: OAuthConfig | undefined): Promise<Record<SealedUnder, number>> {
    return this.#mutex.run(async () => {
      await this.#store.rotate(config)
      return this.#store.countSeals()
    })
  }

  /** Deletes everything, also authorizations that were begun. */
  async forget(): Promise<void> {
    await this.#mutex.run(async () => {
      await this.ctx.storage.deleteAlarm()
      await this.ctx.storage.deleteAll()
    })
  }
}
