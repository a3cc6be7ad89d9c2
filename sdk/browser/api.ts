import type { Feature } from './core'
import type { EventDetails } from './events'
import type { AnyEvents, TrackArguments } from './typed-events'
import type { Attributes, Identities } from './user'

/**
 * Sends events to one input. No method throws, and none waits for the network. An event is stored
 * before the browser's current task ends.
 *
 * @typeParam E attributes by event name, for `track` to check
 */
export interface Client<E = AnyEvents> {
  /**
   * Records a custom event.
   *
   * @param name what happened
   * @param attributes of the event. If they are no valid JSON, such as a cycle, or longer than
   *   250,000 characters, the event is lost, with a warning on the console.
   * @param details its type (default `other`), custom flags, location
   * @example
   * weir.track('Added to list', { sku: 'W-42', price: 19.9 }, { type: 'user_preference' })
   */
  track<N extends keyof E & string>(name: N, ...rest: TrackArguments<E[N], EventDetails>): void

  /**
   * Records a screen view of the page, with its address.
   *
   * @param name default `document.title`, or the path when that is empty
   * @example
   * weir.page('Product', { sku: 'W-42' })
   */
  page(name?: string, attributes?: Attributes): void

  /**
   * Sets the user's identities, for later events and all tabs. Each change of an identity is
   * recorded as an event. Events before and after a change are never in the same batch. If the
   * `customer_id` (without one, the `email`) changes or is removed, the user is another one:
   * attributes, consent and identities that are not passed are deleted.
   *
   * @param identities by type; `null` removes one, and those that are left out stay
   * @example
   * weir.identify({ customer_id: 'c-42', email: 'ada@example.org' })
   */
  identify(identities: Identities): void

  /**
   * Sends every waiting event now instead of at the next upload.
   *
   * @returns `true` when the server has accepted all. `false` when it rejected some, could not be
   *   reached, or asked to wait: events that it did not reject stay stored and are sent later.
   *   Never rejects.
   * @example
   * await weir.flush()
   */
  flush(): Promise<boolean>

  /**
   * Sends the waiting events as when the page is left, and stops. Events that were not delivered
   * stay stored for the next client with this key. Later calls do nothing.
   */
  close(): void

  /**
   * Adds a feature. A bundle contains only the features that it uses.
   *
   * @returns this client, with the methods of the feature
   * @example
   * const weir = createClient({ key: 'demo-web-key' }).use(people()).use(errors())
   * weir.setUserAttributes({ plan: 'pro' })
   */
  use<M extends object>(feature: Feature<M>): this & M
}
