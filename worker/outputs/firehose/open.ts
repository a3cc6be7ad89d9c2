import type { Registration, Setting } from '../../../sdk/firehose/registration'
import { isObject } from '../../base/json'
import type { Outcome } from '../../delivery'
import { readStoredSettings } from '../../settings'
import type { OpenedConnection } from '../kind'
import type { IntegrationTarget } from '../target'
import { bulkOf } from './due'
import { endpointOf } from './endpoint'
import type { Account, Integration } from './integration'
import { settingTexts, subscriptionSettings } from './integration-settings'
import { integrationSender } from './sender'
import { firehoseConfiguration, firehoseConnection } from './settings'
import { verifyIntegration } from './verification'

const valuesOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})

const accountsOf = (
  { configuration, settings }: OpenedConnection,
  registration: Registration
): Integration['accounts'] => {
  const { account_id } = readStoredSettings(firehoseConfiguration, configuration)
  const values = valuesOf(settings.account_settings)
  const account = (...lists: (Setting[] | undefined)[]): Account => ({
    account_id,
    account_settings: settingTexts(
      lists.flatMap((list) => list ?? []),
      values
    ),
  })
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  return {
    events: account(events?.account_settings, events?.event_connection_settings),
    audiences: account(audiences?.account_settings),
    dsr: account(dsr?.account_settings),
  }
}

const integrationOf = (connection: OpenedConnection, registration: Registration): Integration => {
  const { configuration, settings, deployment, isOfAudiences, accessToken } = connection
  const endpoint = endpointOf(configuration, deployment)
  const registered = subscriptionSettings(registration)
  return {
    endpoint,
    isOfAudiences,
    accounts: accountsOf(connection, registration),
    subscriptionSettings: settingTexts(
      registered,
      valuesOf(settings.audience_subscription_settings)
    ),
    subscriptionIds: registered.map(({ id }) => id),
    place: endpoint.kind === 'lambda' ? endpoint.arn : endpoint.urls.audiences,
    bulk: bulkOf(registration),
    accessToken,
  }
}

/** An integration as the target of one connection, once it has registered. */
export const openIntegration = (connection: OpenedConnection): IntegrationTarget | Outcome => {
  const { registration, settings, audienceNames } = connection
  if (!registration) {
    const reason = 'The integration has not said yet what it is.'
    return { kind: 'retry', reason, ownerMustAct: true }
  }
  const integration = integrationOf(connection, registration)
  return {
    isQueue: true,
    needsContact: true,
    retention_hours: readStoredSettings(firehoseConnection, settings).retention_hours,
    integration,
    audienceNames,
    sender: (subscriptions) => integrationSender(integration, subscriptions),
    verify: async () =>
      (await awaitsAuthorization(integration))
        ? { kind: 'delivered' }
        : verifyIntegration(integration),
  }
}

// Only an output that is saved can be authorized.
const awaitsAuthorization = async ({ accessToken }: Integration): Promise<boolean> =>
  accessToken?.needsPerson === true && 'kind' in (await accessToken.header())
