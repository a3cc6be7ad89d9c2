import type { Feature } from '../core'
import { deviceId } from '../envelope'
import { type Identities, readUser } from '../user'
import { uuid } from '../uuid'

/** The two users of an alias request. */
export interface AliasDetails {
  /** The user whose events are reassigned. Default: this device without any identity. */
  from?: Identities
  /** The user whom they are assigned to. Default: the current user. */
  to?: Identities
  /** The period of the events, ms. Default: the last 90 days. */
  startMs?: number
  endMs?: number
}

/** Methods of the feature {@link aliases}. */
export interface Aliases {
  /**
   * Asks the outputs to assign the events of one user to another, by an alias request of
   * mParticle's. It is forwarded to connections with *Send Alias Requests* on; weir itself merges
   * no profiles.
   *
   * @example
   * weir.identify({ customer_id: 'c-42' })
   * weir.alias() // earlier events of this device belong to c-42
   */
  alias(details?: AliasDetails): void
}

const ALIAS_MS = 90 * 86_400_000

/** Alias requests. */
export const aliases =
  (): Feature<Aliases> =>
  ({ store, options, post }) => ({
    alias: ({ from, to, startMs, endMs = Date.now() } = {}) => {
      const mp_deviceid = deviceId(store)
      post(
        JSON.stringify({
          request_id: uuid(),
          request_type: 'alias',
          environment: options.environment,
          data: {
            source: { user_identities: from, mp_deviceid },
            destination: {
              user_identities: to ?? readUser(store).user_identities,
              mp_deviceid,
            },
            start_unixtime_ms: startMs ?? endMs - ALIAS_MS,
            end_unixtime_ms: endMs,
            scope: 'device',
            device_application_stamp: mp_deviceid,
          },
        })
      )
    },
  })
