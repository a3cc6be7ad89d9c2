import { toHex } from '../base/hash'
import { hmac, importHmacKey } from '../base/hmac'
import {
  type ConfigKeys,
  reseal,
  type SealedUnder,
  seal,
  sealedUnder,
  unseal,
} from '../config/seal'
import { waitBeforeRetry } from '../delivery'
import { grantTypeOf, type OAuthConfig } from './oauth2'
import type { Retry } from './token-answer'
import type { Tokens } from './tokens'

/** The last of some failed attempts in a row to get tokens. */
export interface Failure {
  attempts: number
  at_ms: number
  /** When the backoff ends. */
  next_ms: number
  outcome: Retry
}

interface StoredTokens extends Tokens {
  output: string
  /** See `TokenStore`. */
  config: string
}

/** An authorization that its owner has begun and not ended. */
interface BegunAuthorization {
  config: string
  redirect_uri: string
  expires_ms: number
}

const begunLifetimeMs = 900_000
const maxBegun = 20

/**
 * The storage of an `Authorization` object. Tokens are sealed.
 *
 * Stored: `tokens`, `failure`, and `begun` (authorizations by nonce). Each has in `config` the HMAC
 * of the OAuth2 configuration for which it was stored; for another configuration it does not count.
 */
export class TokenStore {
  readonly #storage: DurableObjectStorage
  readonly #output: string
  readonly #keys: () => ConfigKeys

  constructor(storage: DurableObjectStorage, output: string | undefined, keys: () => ConfigKeys) {
    this.#storage = storage
    // An object that was started by its alarm does not know its name.
    this.#output = output ?? this.#row()?.output ?? ''
    this.#keys = keys
  }

  get output(): string {
    return this.#output
  }

  #row(): StoredTokens | undefined {
    return this.#storage.kv.get<StoredTokens>('tokens')
  }

  // With the current key first, then with the previous one, which stored values may still have.
  #configHashes(config: OAuthConfig, secret: string): Promise<string[]> {
    const { authorization_url, token_url, refresh_url } = config.authentication
    const facts = [authorization_url, token_url, refresh_url, grantTypeOf(config), config.client_id]
    const { current, previous } = this.#keys()
    return Promise.all(
      [current, ...(previous ? [previous] : [])].map(async (raw) => {
        const key = await importHmacKey(`oauth config ${raw}`)
        return toHex(await hmac(key, JSON.stringify([...facts, secret])))
      })
    )
  }

  async #configHash(config: OAuthConfig, secret: string): Promise<string> {
    return (await this.#configHashes(config, secret))[0] ?? ''
  }

  /** What a token's seal is bound to. */
  #sealContext(name: 'access_token' | 'refresh_token'): string {
    return `authorizations.${this.#output}.${name}`
  }

  // The hash of tokens does not include the client's secret, so that they outlive a change of it.
  async tokens(config: OAuthConfig): Promise<Tokens | undefined> {
    const hashes = await this.#configHashes(config, '')
    const row = this.#row()
    if (!row || !hashes.includes(row.config)) return undefined
    const { obtained_ms, expires_ms, access_token, refresh_token } = row
    const keys = this.#keys()
    return {
      access_token: await unseal(access_token, this.#sealContext('access_token'), keys),
      refresh_token:
        refresh_token && (await unseal(refresh_token, this.#sealContext('refresh_token'), keys)),
      obtained_ms,
      expires_ms,
    }
  }

  /** Replaces the tokens and deletes the failure. */
  async save(config: OAuthConfig, tokens: Tokens): Promise<void> {
    const { access_token: access, refresh_token: refresh, ...times } = tokens
    const { current: key } = this.#keys()
    const row: StoredTokens = {
      output: this.#output,
      config: await this.#configHash(config, ''),
      access_token: await seal(access, this.#sealContext('access_token'), key),
      refresh_token: refresh && (await seal(refresh, this.#sealContext('refresh_token'), key)),
      ...times,
    }
    this.#storage.kv.put('tokens', row)
    this.#storage.kv.delete('failure')
  }

  /** How many of the tokens are sealed under which key. */
  async countSeals(): Promise<Record<SealedUnder, number>> {
    const counts = { current: 0, previous: 0, lost: 0 }
    const { access_token, refresh_token } = this.#row() ?? {}
    for (const sealed of [access_token, refresh_token]) {
      if (sealed !== undefined) counts[await sealedUnder(sealed, this.#keys())] += 1
    }
    return counts
  }

  /**
   * Seals the tokens again under the current key. Tokens of another configuration are deleted,
   * since their hash cannot be computed again without the key. Tokens that no key opens are left
   * alone: the key may be missing by mistake.
   */
  async rotate(config: OAuthConfig | undefined): Promise<void> {
    const hashes = config ? await this.#configHashes(config, '') : []
    const { lost } = await this.countSeals()
    const row = this.#row()
    if (!row || lost > 0) return
    if (!hashes.includes(row.config)) {
      this.#storage.kv.delete('tokens')
      return
    }
    const { access_token: access, refresh_token: refresh } = row
    const keys = this.#keys()
    const resealed: StoredTokens = {
      ...row,
      config: hashes[0] ?? row.config,
      access_token: await reseal(access, this.#sealContext('access_token'), keys),
      refresh_token: refresh && (await reseal(refresh, this.#sealContext('refresh_token'), keys)),
    }
    this.#storage.kv.put('tokens', resealed)
  }

  async failure(config: OAuthConfig): Promise<Failure | undefined> {
    const hashes = await this.#configHashes(config, config.client_secret ?? '')
    const row = this.#storage.kv.get<Failure & { config: string }>('failure')
    return row && hashes.includes(row.config) ? row : undefined
  }

  async fail(config: OAuthConfig, outcome: Retry): Promise<Failure> {
    const attempts = ((await this.failure(config))?.attempts ?? 0) + 1
    const at_ms = Date.now()
    const next_ms = at_ms + waitBeforeRetry(outcome, attempts, Math.random())
    const failure = { attempts, at_ms, next_ms, outcome }
    const hash = await this.#configHash(config, config.client_secret ?? '')
    this.#storage.kv.put('failure', { ...failure, config: hash })
    return failure
  }

  /** Stores that an authorization began. Its nonce is valid for one `end` within 15 minutes. */
  async begin(
    config: OAuthConfig,
    redirect_uri: string
  ): Promise<{ nonce: string; expires_ms: number }> {
    const expires_ms = Date.now() + begunLifetimeMs
    const nonce = crypto.randomUUID()
    const hash = await this.#configHash(config, '')
    const begun: [string, BegunAuthorization] = [nonce, { config: hash, redirect_uri, expires_ms }]
    const newest = [...Object.entries(this.#begun()), begun].slice(-maxBegun)
    this.#storage.kv.put('begun', Object.fromEntries(newest))
    return { nonce, expires_ms }
  }

  /**
   * Ends an authorization.
   *
   * @returns undefined when it is expired, ended, or of another configuration
   */
  async end(config: OAuthConfig, nonce: string): Promise<BegunAuthorization | undefined> {
    const hashes = await this.#configHashes(config, '')
    const { [nonce]: ended, ...others } = this.#begun()
    if (!ended) return undefined
    this.#storage.kv.put('begun', others)
    await this.#storage.sync()
    return hashes.includes(ended.config) ? ended : undefined
  }

  #begun(): Record<string, BegunAuthorization> {
    const begun = this.#storage.kv.get<Record<string, BegunAuthorization>>('begun') ?? {}
    return Object.fromEntries(
      Object.entries(begun).filter(([, authorization]) => authorization.expires_ms > Date.now())
    )
  }
}
