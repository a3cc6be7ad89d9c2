import type { Feature } from '../core'
import { deviceId } from '../envelope'
import { type Identities, readUser } from '../user'
import { uuid } from '../uuid'

/** Whose events go to whom. */
export interface AliasDetails {
  /** Whose events. By default those of this device before anybody was identified. */
  from?: Identities
  /** To whom they go. By default the user of now. */
  to?: Identities
  /** The time they lie in, ms. By default the 90 days before now. */
  startMs?: number
  endMs?: number
}

/** Methods of the feature {@link aliases}. */
export interface Aliases {
  /**
   * Asks the outputs to count the events of one user as another's, as mParticle's alias requests
   * do. Outputs get it where *Send Alias Requests* is on; weir itself merges no profiles.
   *
   * @example
   * weir.identify({ customer_id: 'c-42' })
   * weir.alias() // what this device did before belongs to c-42
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
