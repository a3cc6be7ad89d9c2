import type { Registration } from '../../../sdk/firehose/registration'

/** What a connection to an integration goes by, beside the values of the integration's own settings. */
export interface FirehoseFacts {
  /** The connection's id. */
  connection: string
  registration: Registration
  /** The integration's key among `integration_attributes`. */
  module_id: string
  /** What `platform_fields` says of the account; only what is set is sent. */
  account: {
    mp_account_id?: number
    mp_account_name?: string
    workspace_id?: number
    workspace_name?: string
  }
}
