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
import { exchange } from '../../outputs/firehose/exchange/exchange'
import type { Integration } from '../../outputs/firehose/integration'

interface Subscription {
  audience: string
  name: string
  /** The integration's address when it subscribed. */
  place: string
  /** The settings that were sent to it. */
  settings: Texts
  /** The settings that it answered with. */
  answered: Texts
}

type Row = Record<'audience' | 'name' | 'place' | 'settings' | 'answered', string>
type Failed = Outcome & { kind: 'retry' }
type Texts = Record<string, string>

const textsOf = (value: Json | undefined): Texts =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([id, setting]) => {
          const text = exactText(setting)
          const isScalar = ['string', 'number', 'boolean'].includes(typeof text)
          return isScalar ? [[id, String(text)]] : []
        })
      )
    : {}

/** What settings are sealed with: the keys, and the outbox that stores them. */
interface Sealing {
  keys: ConfigKeys
  outbox: string
}

/**
 * The audiences that are subscribed at an integration. Each is subscribed once, and updated when its
 * name or settings change.
 *
 * Rows of `subscriptions`: audience, name, place, settings and answered; the last two are sealed,
 * since some may be confidential.
 */
export class Subscriptions {
  constructor(
    private readonly sql: SqlStorage,
    private readonly sealing: () => Sealing
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

  #sealedPlace(audience: string): string {
    return `${this.sealing().outbox}.subscriptions.${audience}`
  }

  #seal(texts: Texts, audience: string): Promise<string> {
    return seal(JSON.stringify(texts), this.#sealedPlace(audience), this.sealing().keys.current)
  }

  // Settings that no key opens count as changed, so that they are sent again.
  async #open(sealed: string, audience: string): Promise<Texts> {
    const text = await unseal(sealed, this.#sealedPlace(audience), this.sealing().keys).catch(
      () => '{}'
    )
    return textsOf(JSON.parse(text))
  }

  /** Counts values by the key that sealed them. @param isRotating reseals them with the current key */
  async countSeals(isRotating: boolean): Promise<Record<SealedUnder, number>> {
    const { keys } = this.sealing()
    const counts = { current: 0, previous: 0, lost: 0 }
    for (const { audience, settings, answered } of this.#rows()) {
      const place = this.#sealedPlace(audience)
      const sealed = isRotating
        ? [await reseal(settings, place, keys), await reseal(answered, place, keys)]
        : [settings, answered]
      if (isRotating) this.#replace(audience, sealed)
      for (const value of sealed) counts[await sealedUnder(value, keys)] += 1
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

  /** The settings that are sent with membership changes, by the number of their audience. */
  async settings({ subscriptionIds }: Integration): Promise<Record<string, Texts>> {
    const all = await this.#all()
    return Object.fromEntries(
      all.map(({ audience, settings, answered }) => [
        String(audienceNumber(audience)),
        withIds({ ...settings, ...answered }, subscriptionIds),
      ])
    )
  }

  /**
   * Sends the changes of subscriptions since they were sent last.
   *
   * @param wanted the names of the audiences to subscribe, by their ids
   * @returns the failure that ended it, if any
   */
  async update(
    integration: Integration,
    wanted: { names: Record<string, string>; mayUnsubscribe: boolean }
  ): Promise<Failed | undefined> {
    const others = new Map((await this.#all()).map((known) => [known.audience, known]))
    for (const [audience, name] of Object.entries(wanted.names)) {
      const before = others.get(audience)
      others.delete(audience)
      if (before && isUnchanged(before, name, integration)) continue
      const failed = await this.#subscribe(integration, { audience, name }, before)
      if (failed) return failed
    }
    if (!wanted.mayUnsubscribe) return undefined
    for (const subscription of others.values()) {
      const failed = await this.#unsubscribe(integration, subscription)
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
    // An integration at another address does not know the audience.
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
    const kept = answered === undefined ? before?.answered : withIds(textsOf(answered), ids)
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
    // A refusal is final, too: it would be refused again.
    this.sql.exec('DELETE FROM subscriptions WHERE audience = ?', audience)
    return undefined
  }

  // The same request has the same id, however often it is sent.
  #text(facts: Omit<Parameters<typeof subscriptionRequest>[0], 'id' | 'timestamp_ms'>): string {
    const id = uuidFrom(`${this.sealing().outbox} ${JSON.stringify(facts)}`)
    return subscriptionRequest({ id, timestamp_ms: Date.now(), ...facts })
  }
}

const isUnchanged = (before: Subscription, name: string, integration: Integration): boolean =>
  before.name === name &&
  before.place === integration.place &&
  JSON.stringify(before.settings) === JSON.stringify(integration.subscriptionSettings)

const withIds = (texts: Texts, ids: string[]): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([id]) => ids.includes(id)))

// Without a subscription no changes can be sent, so they wait until its owner acts.
const refusedSubscription = (outcome: Outcome): Failed => {
  if (outcome.kind === 'retry') return outcome
  const reason = `The integration refused an audience: ${'reason' in outcome ? outcome.reason : ''}`
  return { kind: 'retry', reason, ownerMustAct: true }
}
