import { uuidFrom } from '../../base/hash'
import { exactText, isObject, type Json } from '../../base/json'
import {
  type ConfigKeys,
  reseal,
  type SealedUnder,
  seal,
  sealedUnder,
  unseal,
} from '../../config/seal'
import { audienceNumber } from '../../connections/firehose/membership'
import { subscriptionRequest } from '../../connections/firehose/requests'
import type { Outcome } from '../../delivery'
import { exchange, type Integration } from './integration'

interface Subscription {
  audience: string
  name: string
  /** Where it was told. */
  place: string
  /** What was sent along. */
  settings: Texts
  /** What the integration answered to be sent along. */
  answered: Texts
}

type Row = Record<'audience' | 'name' | 'place' | 'settings' | 'answered', string>
type Failed = Outcome & { kind: 'retry' }
type Texts = Record<string, string>

const textsOf = (value: Json | undefined): Texts =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([id, one]) => {
          const text = exactText(one)
          const isScalar = ['string', 'number', 'boolean'].includes(typeof text)
          return isScalar ? [[id, String(text)]] : []
        })
      )
    : {}

/** What seals values, and whose they are. */
interface Own {
  keys: ConfigKeys
  outbox: string
}

/**
 * Which audiences an integration was told of, so that it is told of each once, and again when its
 * name or settings change.
 *
 * `subscriptions`: audience, name, place, and sealed, since some of it may be confidential: settings,
 * answered.
 */
export class Subscriptions {
  constructor(
    private readonly sql: SqlStorage,
    private readonly own: () => Own
  ) {}

  #rows(): Row[] {
    this.sql.exec(`CREATE TABLE IF NOT EXISTS subscriptions (audience TEXT PRIMARY KEY,
      name TEXT NOT NULL, place TEXT NOT NULL, settings TEXT NOT NULL, answered TEXT NOT NULL)`)
    return this.sql.exec<Row>('SELECT * FROM subscriptions').toArray()
  }

  async #all(): Promise<Subscription[]> {
    return Promise.all(
      this.#rows().map(async ({ audience, name, place, settings, answered }) => ({
        audience,
        name,
        place,
        settings: await this.#open(settings, audience),
        answered: await this.#open(answered, audience),
      }))
    )
  }

  #place(audience: string): string {
    return `${this.own().outbox}.subscriptions.${audience}`
  }

  #seal(texts: Texts, audience: string): Promise<string> {
    return seal(JSON.stringify(texts), this.#place(audience), this.own().keys.current)
  }

  // Those that nobody can open any more are told anew, as others are that have changed.
  async #open(sealed: string, audience: string): Promise<Texts> {
    const text = await unseal(sealed, this.#place(audience), this.own().keys).catch(() => '{}')
    return textsOf(JSON.parse(text))
  }

  /** How many values are sealed under which key. @param isRotating seals them under the current one */
  async seals(isRotating: boolean): Promise<Record<SealedUnder, number>> {
    const { keys } = this.own()
    const counts = { current: 0, previous: 0, lost: 0 }
    for (const { audience, settings, answered } of this.#rows()) {
      const place = this.#place(audience)
      const sealed = isRotating
        ? [await reseal(settings, place, keys), await reseal(answered, place, keys)]
        : [settings, answered]
      if (isRotating) this.#replace(audience, sealed)
      for (const one of sealed) counts[await sealedUnder(one, keys)] += 1
    }
    return counts
  }

  #replace(audience: string, sealed: string[]): void {
    this.sql.exec(
      'UPDATE subscriptions SET settings = ?, answered = ? WHERE audience = ?',
      ...sealed,
      audience
    )
  }

  /** What goes along with membership changes: settings by the number of their audience. */
  async settings({ subscriptionIds }: Integration): Promise<Record<string, Texts>> {
    const all = await this.#all()
    return Object.fromEntries(
      all.map(({ audience, settings, answered }) => [
        String(audienceNumber(audience)),
        chosen({ ...settings, ...answered }, subscriptionIds),
      ])
    )
  }

  /**
   * Tells the integration what has changed since it was told last.
   *
   * @param wanted the audiences that it shall know, by their ids, and whether it may be told of ends
   * @returns why it could not be told, if so
   */
  async tell(
    integration: Integration,
    { names, isEnding }: { names: Record<string, string>; isEnding: boolean }
  ): Promise<Failed | undefined> {
    const known = new Map((await this.#all()).map((one) => [one.audience, one]))
    for (const [audience, name] of Object.entries(names)) {
      const before = known.get(audience)
      known.delete(audience)
      if (before && isTold(before, name, integration)) continue
      const failed = await this.#subscribe(integration, { audience, name }, before)
      if (failed) return failed
    }
    if (!isEnding) return undefined
    for (const gone of known.values()) {
      const failed = await this.#unsubscribe(integration, gone)
      if (failed) return failed
    }
    return undefined
  }

  async #subscribe(
    integration: Integration,
    { audience, name }: Pick<Subscription, 'audience' | 'name'>,
    known: Subscription | undefined
  ): Promise<Failed | undefined> {
    const settings = integration.subscriptionSettings
    const { place } = integration
    // Whoever is at another address knows nothing of it.
    const before = known?.place === place ? known : undefined
    const facts = {
      action: before ? ('update' as const) : ('add' as const),
      audience_id: audienceNumber(audience),
      audience_name: name,
      settings,
      ...(before ? { previous: before.settings } : {}),
    }
    const { outcome, message } = await exchange(integration, 'subscription', this.#text(facts))
    if (outcome.kind !== 'delivered') return refusedSubscription(outcome)
    const answered = message?.audience_subscription_settings
    const ids = integration.subscriptionIds
    const kept = answered === undefined ? before?.answered : chosen(textsOf(answered), ids)
    this.sql.exec(
      `INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?) ON CONFLICT (audience) DO UPDATE SET name =
       excluded.name, place = excluded.place, settings = excluded.settings, answered = excluded.answered`,
      audience,
      name,
      place,
      await this.#seal(settings, audience),
      await this.#seal(kept ?? {}, audience)
    )
    return undefined
  }

  async #unsubscribe(
    integration: Integration,
    { audience, name, place, settings, answered }: Subscription
  ): Promise<Failed | undefined> {
    if (place === integration.place) {
      const text = this.#text({
        action: 'remove',
        audience_id: audienceNumber(audience),
        audience_name: name,
        settings: { ...settings, ...answered },
      })
      const { outcome } = await exchange(integration, 'subscription', text)
      if (outcome.kind === 'retry') return outcome
    }
    // One that refuses to be told of an end is told no more.
    this.sql.exec('DELETE FROM subscriptions WHERE audience = ?', audience)
    return undefined
  }

  // The same request has the same id, however often it is sent.
  #text(facts: Omit<Parameters<typeof subscriptionRequest>[0], 'id' | 'timestamp_ms'>): string {
    const id = uuidFrom(`${this.own().outbox} ${JSON.stringify(facts)}`)
    return subscriptionRequest({ id, timestamp_ms: Date.now(), ...facts })
  }
}

const isTold = (before: Subscription, name: string, integration: Integration): boolean =>
  before.name === name &&
  before.place === integration.place &&
  JSON.stringify(before.settings) === JSON.stringify(integration.subscriptionSettings)

const chosen = (texts: Texts, ids: string[]): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([id]) => ids.includes(id)))

// Without it no changes can be sent, so they wait until its owner has seen to it.
const refusedSubscription = (outcome: Outcome): Failed => {
  if (outcome.kind === 'retry') return outcome
  const reason = `The integration refused an audience: ${'reason' in outcome ? outcome.reason : ''}`
  return { kind: 'retry', reason, ownerMustAct: true }
}
