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

/** Failed attempts in a row to get tokens. */
export interface Failure {
  attempts: number
  at_ms: number
  /** Nothing is asked before. */
  next_ms: number
  outcome: Retry
}

interface StoredTokens extends Tokens {
  output: string
  config: string
}

/** An authorization that its owner has begun. */
interface Begun {
  config: string
  redirect_uri: string
  expires_ms: number
}

const begunMs = 900_000
const mostBegun = 20

/**
 * The rows of an authorization. Both tokens are sealed, and nothing else of them is kept.
 *
 * Stored: `tokens`, `failure`, and `begun` by nonce. `config` in them is a mark of the configuration
 * that they belong to: they do not exist for another one.
 */
export class TokenStore {
  readonly #storage: DurableObjectStorage
  readonly #output: string
  readonly #keys: () => ConfigKeys

  constructor(storage: DurableObjectStorage, output: string | undefined, keys: () => ConfigKeys) {
    this.#storage = storage
    // An object that its alarm woke does not know its name.
    this.#output = output ?? this.#row()?.output ?? ''
    this.#keys = keys
  }

  get output(): string {
    return this.#output
  }

  #row(): StoredTokens | undefined {
    return this.#storage.kv.get<StoredTokens>('tokens')
  }

  // Under the current key, and under the previous one, which some rows may still have.
  #marksOf(config: OAuthConfig, secret: string): Promise<string[]> {
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

  async #markOf(config: OAuthConfig, secret: string): Promise<string> {
    return (await this.#marksOf(config, secret))[0] ?? ''
  }

  // Tokens outlive a change of the client's secret.
  #mark(config: OAuthConfig): Promise<string> {
    return this.#markOf(config, '')
  }

  #place(name: 'access_token' | 'refresh_token'): string {
    return `authorizations.${this.#output}.${name}`
  }

  async tokens(config: OAuthConfig): Promise<Tokens | undefined> {
    const marks = await this.#marksOf(config, '')
    const row = this.#row()
    if (!row || !marks.includes(row.config)) return undefined
    const { obtained_ms, expires_ms, access_token, refresh_token } = row
    const keys = this.#keys()
    return {
      access_token: await unseal(access_token, this.#place('access_token'), keys),
      refresh_token:
        refresh_token && (await unseal(refresh_token, this.#place('refresh_token'), keys)),
      obtained_ms,
      expires_ms,
    }
  }

  /** Puts them in place of others; whatever failed before is forgotten. */
  async keep(config: OAuthConfig, tokens: Tokens): Promise<void> {
    const { access_token: access, refresh_token: refresh, ...times } = tokens
    const { current: key } = this.#keys()
    const row: StoredTokens = {
      output: this.#output,
      config: await this.#mark(config),
      access_token: await seal(access, this.#place('access_token'), key),
      refresh_token: refresh && (await seal(refresh, this.#place('refresh_token'), key)),
      ...times,
    }
    this.#storage.kv.put('tokens', row)
    this.#storage.kv.delete('failure')
  }

  /** How many of its tokens which key opens. */
  async seals(): Promise<Record<SealedUnder, number>> {
    const counts = { current: 0, previous: 0, lost: 0 }
    const { access_token, refresh_token } = this.#row() ?? {}
    for (const sealed of [access_token, refresh_token]) {
      if (sealed !== undefined) counts[await sealedUnder(sealed, this.#keys())] += 1
    }
    return counts
  }

  /**
   * Seals its tokens under the current key. Those of another configuration go: without the key that
   * marked them, nobody could tell any more whose they are. Those that no key opens stay: it may be
   * missing by mistake.
   */
  async rotate(config: OAuthConfig | undefined): Promise<void> {
    const marks = config ? await this.#marksOf(config, '') : []
    const { lost } = await this.seals()
    const row = this.#row()
    if (!row || lost > 0) return
    if (!marks.includes(row.config)) {
      this.#storage.kv.delete('tokens')
      return
    }
    const { access_token: access, refresh_token: refresh } = row
    const keys = this.#keys()
    const resealed: StoredTokens = {
      ...row,
      config: marks[0] ?? row.config,
      access_token: await reseal(access, this.#place('access_token'), keys),
      refresh_token: refresh && (await reseal(refresh, this.#place('refresh_token'), keys)),
    }
    this.#storage.kv.put('tokens', resealed)
  }

  async failure(config: OAuthConfig): Promise<Failure | undefined> {
    const marks = await this.#marksOf(config, config.client_secret ?? '')
    const row = this.#storage.kv.get<Failure & { config: string }>('failure')
    return row && marks.includes(row.config) ? row : undefined
  }

  async fail(config: OAuthConfig, outcome: Retry): Promise<Failure> {
    const attempts = ((await this.failure(config))?.attempts ?? 0) + 1
    const at_ms = Date.now()
    const next_ms = at_ms + waitBeforeRetry(outcome, attempts, Math.random())
    const failure = { attempts, at_ms, next_ms, outcome }
    const mark = await this.#markOf(config, config.client_secret ?? '')
    this.#storage.kv.put('failure', { ...failure, config: mark })
    return failure
  }

  /** Remembers that an authorization has begun: its nonce is good for one `end`, for 15 minutes. */
  async begin(
    config: OAuthConfig,
    redirect_uri: string
  ): Promise<{ nonce: string; expires_ms: number }> {
    const expires_ms = Date.now() + begunMs
    const nonce = crypto.randomUUID()
    const begun: [string, Begun] = [
      nonce,
      { config: await this.#mark(config), redirect_uri, expires_ms },
    ]
    const kept = [...Object.entries(this.#begun()), begun].slice(-mostBegun)
    this.#storage.kv.put('begun', Object.fromEntries(kept))
    return { nonce, expires_ms }
  }

  /** Ends one for good. @returns what it was begun with; undefined when this cannot be its end */
  async end(config: OAuthConfig, nonce: string): Promise<Begun | undefined> {
    const marks = await this.#marksOf(config, '')
    const { [nonce]: ended, ...others } = this.#begun()
    if (!ended) return undefined
    this.#storage.kv.put('begun', others)
    await this.#storage.sync()
    return marks.includes(ended.config) ? ended : undefined
  }

  #begun(): Record<string, Begun> {
    const begun = this.#storage.kv.get<Record<string, Begun>>('begun') ?? {}
    return Object.fromEntries(
      Object.entries(begun).filter(([, one]) => one.expires_ms > Date.now())
    )
  }
}
