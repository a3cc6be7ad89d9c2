import type { Registration } from '../../../sdk/firehose/registration'

/** Facts that a connection to an integration needs besides the values of its settings. */
export interface FirehoseFacts {
  /** The connection's id. */
  connection: string
  registration: Registration
  /** The integration's key among `integration_attributes`. */
  module_id: string
  /** Sent in `platform_fields`, as far as set. */
  account: {
    mp_account_id?: number
    mp_account_name?: string
    workspace_id?: number
    workspace_name?: string
  }
}
