import type { Feature } from './core'
import type { EventDetails } from './events'
import type { AnyEvents, TrackArguments } from './typed-events'
import type { Attributes, Identities } from './user'

/**
 * Sends one input's events. No method throws; every one returns before anything goes over the
 * network. What it recorded is stored before the browser turns to another task.
 *
 * @typeParam E attributes by event name, for `track` to check
 */
export interface Client<E = AnyEvents> {
  /**
   * Records a custom event.
   *
   * @param name what happened
   * @param attributes what belongs to it. What JSON cannot carry, such as a cycle, or more than
   *   250,000 characters loses the event with a warning on the console.
   * @param details its type (default `other`), custom flags, location
   * @example
   * weir.track('Added to list', { sku: 'W-42', price: 19.9 }, { type: 'user_preference' })
   */
  track<N extends keyof E & string>(name: N, ...rest: TrackArguments<E[N], EventDetails>): void

  /**
   * Records a screen view of the page, its address included.
   *
   * @param name default `document.title`, or the path when that is empty
   * @example
   * weir.page('Product', { sku: 'W-42' })
   */
  page(name?: string, attributes?: Attributes): void

  /**
   * Says who the user is, from here on and in all tabs, until said otherwise. Each identity that
   * changes is recorded. Events before and after a change never share a batch. Once the
   * `customer_id` (without one, the `email`) is another or gone, it is another user: attributes,
   * consent and the identities not given along are forgotten.
   *
   * @param identities by type; `null` takes one away, one left out stays
   * @example
   * weir.identify({ customer_id: 'c-42', email: 'ada@example.org' })
   */
  identify(identities: Identities): void

  /**
   * Sends every waiting event now instead of at the next upload.
   *
   * @returns `true` once the server has taken them. `false` when it refused some, could not be
   *   reached or asked for patience: what it did not refuse stays stored and goes out later. Never
   *   rejects.
   * @example
   * await weir.flush()
   */
  flush(): Promise<boolean>

  /**
   * Sends what is waiting as a page that is left does, and stops. What was not delivered stays
   * stored for the next client with this key. Later calls do nothing.
   */
  close(): void

  /**
   * Adds a feature. A page's bundle has only those that it uses.
   *
   * @returns this client, with the methods of the feature
   * @example
   * const weir = createClient({ key: 'demo-web-key' }).use(people()).use(errors())
   * weir.setUserAttributes({ plan: 'pro' })
   */
  use<M extends object>(feature: Feature<M>): this & M
}
