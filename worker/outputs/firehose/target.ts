import type { Registration, Setting } from '../../../sdk/firehose/registration'
import { isObject } from '../../base/json'
import { readStoredSettings } from '../../settings'
import { accessClient, type Deployment } from '../credentials'
import { bulkOf } from './bulk'
import { settingTexts, subscriptionSettings } from './integration-settings'
import { firehoseConfiguration, firehoseConnection, firehoseTriggers } from './settings'
import type { FirehoseEndpoint } from './transport'

/** Whose settings a message carries. */
export interface Account {
  account_id: number
  account_settings: Record<string, string>
}

/** An integration as one connection uses it, with opened credentials. */
export interface FirehoseTarget {
  endpoint: FirehoseEndpoint
  accounts: { events: Account; audiences: Account; dsr: Account }
  /** The connection's values of the settings that each audience has. */
  subscriptionSettings: Record<string, string>
  /** The ids of these and of those that the integration gives the values of. */
  subscriptionIds: string[]
  /** What tells whether it is the same integration as before. */
  place: string
  bulk: { messages: number; minutes: number }
  verification_hours: number
}

/** Where an integration is, by an output's opened settings. */
export const endpointOf = (opened: unknown, deployment: Deployment): FirehoseEndpoint => {
  const given = readStoredSettings(firehoseConfiguration, opened)
  const { url = '', lambda_arn, token, endpoint_url } = given
  if (lambda_arn) {
    const region = lambda_arn.split(':')[3] ?? ''
    const access = accessClient(given, region, deployment)
    return {
      kind: 'lambda',
      arn: lambda_arn,
      region,
      access,
      ...(endpoint_url ? { endpoint_url } : {}),
    }
  }
  const urls = {
    registration: given.registration_url || url,
    events: given.events_url || url,
    audiences: given.audiences_url || url,
  }
  return { kind: 'http', urls, ...(token ? { token } : {}) }
}

const values = (given: unknown): Record<string, unknown> => (isObject(given) ? given : {})

/** @param opened the output's settings and the connection's, in clear */
export const firehoseTarget = (
  opened: { output: unknown; connection: Record<string, unknown> },
  registration: Registration,
  deployment: Deployment
): FirehoseTarget => {
  const { account_id } = readStoredSettings(firehoseConfiguration, opened.output)
  const { verification_hours } = readStoredSettings(firehoseConnection, opened.connection)
  const given = values(opened.connection.account_settings)
  const own = readStoredSettings(firehoseTriggers, opened.connection)
  const account = (settings: Setting[]): Account => ({
    account_id,
    account_settings: settingTexts(settings, given),
  })
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  const endpoint = endpointOf(opened.output, deployment)
  return {
    endpoint,
    place: endpoint.kind === 'lambda' ? endpoint.arn : endpoint.urls.audiences,
    subscriptionIds: subscriptionSettings(registration).map(({ id }) => id),
    accounts: {
      events: account([
        ...(events?.account_settings ?? []),
        ...(events?.event_connection_settings ?? []),
      ]),
      audiences: account(audiences?.account_settings ?? []),
      dsr: account(dsr?.account_settings ?? []),
    },
    subscriptionSettings: settingTexts(
      subscriptionSettings(registration),
      values(own.audience_subscription_settings)
    ),
    bulk: bulkOf(registration),
    verification_hours,
  }
}
