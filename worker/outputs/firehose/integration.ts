import type { Outcome } from '../../delivery'
import type { AuthorizationHeader, FirehoseEndpoint } from './exchange/transport'

/** The account that a message is about, with the values of its settings. */
export interface Account {
  account_id: number
  account_settings: Record<string, string>
}

/** When an integration wants membership changes: as soon as there are so many, or after so long. */
export interface Bulk {
  messages: number
  minutes: number
}

/** The OAuth2 access token of an output. */
export interface AccessToken {
  /** Whether a person has to authorize the output before there is one. */
  needsPerson: boolean
  /** The header with the token, or why there is none. */
  header: () => Promise<AuthorizationHeader | Outcome>
  /** The integration refused a header. @returns whether another one may be requested */
  refuse: (refused: AuthorizationHeader) => boolean
}

/** An integration as one connection uses it, with opened credentials. */
export interface Integration {
  endpoint: FirehoseEndpoint
  /** Whether audiences feed the connection. */
  isOfAudiences: boolean
  accounts: { events: Account; audiences: Account; dsr: Account }
  /** The connection's values of the settings that each audience has. */
  subscriptionSettings: Record<string, string>
  /** The ids of these settings and of those whose values the integration answers with. */
  subscriptionIds: string[]
  /** Its address: an integration at another address knows nothing of earlier subscriptions. */
  place: string
  bulk: Bulk
  /** Undefined where the integration asks for none. */
  accessToken: AccessToken | undefined
}
