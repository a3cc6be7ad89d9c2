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

// A token that was refused as soon as it was issued is not mended by another one.
const refusedAgainMs = 60_000
// Some hours of attempts. From then on only who needs a token asks.
const mostAlarms = 20
const brokenLookMs = 300_000
// Shorter lifetimes are left to those who need a token.
const shortestAlarmMs = 240_000

const able = ({ access_token, expires_ms }: Tokens): TokenResult => ({
  ok: true,
  token: access_token,
  expires_ms,
})

const unable = (outcome: Retry): TokenResult => ({ ok: false, outcome })

const needsOwner = (reason: string): Retry => ({ kind: 'retry', reason, ownerMustAct: true })

const lacking = (tokens: Tokens | undefined, isRefused: boolean): string => {
  if (!tokens) return 'The output is not authorized yet. Authorize it.'
  const what = isRefused
    ? 'The integration refused the access token'
    : 'The access token has expired'
  return `${what}, and there is no refresh token. Authorize the output again.`
}

/**
 * The OAuth2 tokens of one output, which its name is. Whoever calls brings the configuration, opened;
 * the alarm, which refreshes tokens before they expire, reads it from the workspace. Rows are
 * `TokenStore`'s.
 */
export class Authorization extends DurableObject<Bindings> {
  readonly #store: TokenStore
  // Whatever asks a token server or changes tokens: a refresh token may be good for one use only.
  readonly #mutex = new Mutex()

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#store = new TokenStore(ctx.storage, ctx.id.name, () => configKeys(env))
  }

  /**
   * An access token that is good by all that is known, asked for or refreshed if need be.
   *
   * @param refusedToken one that the integration has refused, so that it is not handed out again
   */
  async token(config: OAuthConfig, refusedToken?: string): Promise<TokenResult> {
    const known = () => this.#known(config, refusedToken)
    return (
      (await known()) ??
      // Whoever waited for its turn finds the work done.
      this.#mutex.run(async () => (await known()) ?? this.#renew(config, refusedToken))
    )
  }

  async #known(config: OAuthConfig, refusedToken?: string): Promise<TokenResult | undefined> {
    const tokens = await this.#store.tokens(config)
    if (!tokens) return undefined
    const now = Date.now()
    if (tokens.access_token !== refusedToken) return isDue(tokens, now) ? undefined : able(tokens)
    const afterMs = tokens.obtained_ms + refusedAgainMs - now
    if (afterMs <= 0) return undefined
    const reason = 'The integration refused an access token that was just issued.'
    return unable({ kind: 'retry', reason, afterMs })
  }

  async #renew(config: OAuthConfig, refusedToken?: string): Promise<TokenResult> {
    const tokens = await this.#store.tokens(config)
    const isRefused = tokens !== undefined && tokens.access_token === refusedToken
    const isGood = tokens && !isRefused && !isExpired(tokens, Date.now())
    const orFallBack = (outcome: Retry) => (isGood ? able(tokens) : unable(outcome))
    const failed = await this.#store.failure(config)
    const afterMs = (failed?.next_ms ?? 0) - Date.now()
    if (failed && afterMs > 0) return orFallBack({ ...failed.outcome, afterMs })
    const grant = nextGrant(config, tokens)
    if (!grant) return orFallBack(needsOwner(lacking(tokens, isRefused)))
    const renewed = await this.#obtain(config, grant, tokens)
    return 'kind' in renewed ? orFallBack(renewed) : able(renewed)
  }

  /** Asks for tokens and stores them, or that it failed. */
  async #obtain(config: OAuthConfig, grant: Grant, before?: Tokens): Promise<Tokens | Retry> {
    const asked = Date.now()
    const issued = await this.#ask(config, grant)
    if ('kind' in issued) {
      await this.#noteFailure(await this.#store.fail(config, issued), before)
      return issued
    }
    const tokens = tokensOf(issued, asked, before)
    await this.#keep(config, tokens)
    return tokens
  }

  async #ask(config: OAuthConfig, grant: Grant): Promise<IssuedTokens | Retry> {
    const wrong = configProblem(config, deploymentOf(this.env).allowsCustomEndpoints)
    if (wrong) return needsOwner(wrong)
    const request = tokenRequest(config, grant)
    const read = readTokenAnswer(await sendTokenRequest(request), {
      defaultSeconds: config.authentication.default_expires_in,
      secrets: request.secrets,
    })
    return read.ok ? read.issued : read.outcome
  }

  // Stored before anybody gets it: the refresh token that it replaces may be good no more.
  async #keep(config: OAuthConfig, tokens: Tokens): Promise<void> {
    await this.#store.keep(config, tokens)
    await this.#arm(config, tokens)
    await this.ctx.storage.sync()
  }

  async #arm(config: OAuthConfig, tokens: Tokens): Promise<void> {
    const due = dueMs(tokens)
    const isLong = due !== null && due - tokens.obtained_ms >= shortestAlarmMs
    if (isLong && nextGrant(config, tokens)) await this.ctx.storage.setAlarm(due)
    else await this.ctx.storage.deleteAlarm()
  }

  async #noteFailure({ attempts, next_ms, outcome }: Failure, before?: Tokens): Promise<void> {
    const fields = {
      output: this.#store.output,
      attempt: attempts,
      reason: reasonClass(outcome.reason),
    }
    if (outcome.ownerMustAct) return log('error', 'No access token; its owner must act.', fields)
    log('warn', 'No access token; it will be tried again.', fields)
    if (before && attempts < mostAlarms) await this.ctx.storage.setAlarm(next_ms)
  }

  override async alarm(): Promise<void> {
    try {
      await this.#refreshAhead()
    } catch (error) {
      const fields = { output: this.#store.output, ...failure(error) }
      log('error', 'Refreshing a token ahead failed and will be tried again.', fields)
      await this.ctx.storage.setAlarm(Date.now() + brokenLookMs)
    }
  }

  async #refreshAhead(): Promise<void> {
    const { file } = await readStored(this.env)
    const output = file.outputs.find((one) => one.id === this.#store.output)
    if (!output) return this.forget()
    const config = await openOAuthConfig(output, configKeys(this.env))
    if (!config) return
    await this.#mutex.run(async () => {
      const tokens = await this.#store.tokens(config)
      if (!tokens) return
      if (isDue(tokens, Date.now())) await this.#renew(config)
      else await this.#arm(config, tokens)
    })
  }

  /** Asks for tokens at once, whatever there is and failed before. Not with authorization codes. */
  async renew(config: OAuthConfig): Promise<TokenResult> {
    return this.#mutex.run(async () => {
      const tokens = await this.#store.tokens(config)
      const grant = nextGrant(config, tokens)
      if (!grant) return unable(needsOwner(lacking(tokens, false)))
      const renewed = await this.#obtain(config, grant, tokens)
      return 'kind' in renewed ? unable(renewed) : able(renewed)
    })
  }

  /** Begins an authorization by its owner, which `exchange` ends within 15 minutes. */
  begin(config: OAuthConfig, redirectUri: string): Promise<{ nonce: string; expires_ms: number }> {
    return this.#store.begin(config, redirectUri)
  }

  /**
   * Ends an authorization that was begun, once, with the code that its owner came back with; without
   * a code it came to nothing.
   */
  async exchange(
    config: OAuthConfig,
    { nonce, code }: { nonce: string; code: string | undefined }
  ): Promise<{ ok: true } | { ok: false; reason: string }> {
    return this.#mutex.run(async () => {
      const begun = await this.#store.end(config, nonce)
      if (!begun)
        return {
          ok: false,
          reason: 'This authorization was used, or is out of date. Begin it again.',
        }
      if (code === undefined) return { ok: false, reason: 'No authorization code came back.' }
      const grant: Grant = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: begun.redirect_uri,
      }
      const asked = Date.now()
      const issued = await this.#ask(config, grant)
      if ('kind' in issued) return { ok: false, reason: issued.reason }
      // Of somebody else, perhaps: what the owner had before lends them nothing.
      await this.#keep(config, tokensOf(issued, asked, undefined))
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
      const last_error = { at_ms: expires_ms ?? 0, reason: lacking(tokens, false) }
      return { status: 'failing', expires_ms, last_error }
    }
    const isFailing = failed !== undefined && (hasExpired || failed.outcome.ownerMustAct === true)
    const status = isFailing ? 'failing' : 'authorized'
    return { status, expires_ms, last_error: error ?? null }
  }

  /** How many of its tokens which key opens. */
  seals(): Promise<Record<SealedUnder, number>> {
    return this.#store.seals()
  }

  /** Seals its tokens under the current key. @returns as `seals` */
  async rotate(config: OAuthConfig | undefined): Promise<Record<SealedUnder, number>> {
    return this.#mutex.run(async () => {
      await this.#store.rotate(config)
      return this.#store.seals()
    })
  }

  /** Forgets everything, also authorizations that were begun. */
  async forget(): Promise<void> {
    await this.#mutex.run(async () => {
      await this.ctx.storage.deleteAlarm()
      await this.ctx.storage.deleteAll()
    })
  }
}
