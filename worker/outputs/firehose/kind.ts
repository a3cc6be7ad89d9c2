import type { FirehoseFacts } from '../../connections/firehose/facts'
import { sharedSettings } from '../../connections/settings'
import { triggerSettings } from '../../connections/trigger-settings'
import { readSettings, readStoredSettings } from '../../settings'
import { judged, type OutputFacts, type OutputKind } from '../kind'
import { checkConfiguration, checkConnection, checkTriggers } from './check'
import { confidentialIds, registeredSettings, subscriptionSettings } from './integration-settings'
import { firehoseConfiguration, firehoseConnection, firehoseTriggers } from './settings'

const facts = (connection: string, output: OutputFacts): FirehoseFacts | undefined => {
  const { registration } = output
  if (!registration) return undefined
  const configuration = readStoredSettings(firehoseConfiguration, output.settings)
  const { account_id, account_name, workspace_id, workspace_name, module_id } = configuration
  return {
    connection,
    registration,
    module_id: module_id ?? '',
    account: {
      mp_account_id: account_id,
      ...(account_name ? { mp_account_name: account_name } : {}),
      ...(workspace_id ? { workspace_id } : {}),
      ...(workspace_name ? { workspace_name } : {}),
    },
  }
}

const secretPaths = ({ registration }: OutputFacts): string[][] => {
  if (!registration) return []
  const account = (['events', 'audiences'] as const).flatMap((source) =>
    confidentialIds(registeredSettings(registration, source))
  )
  const own = confidentialIds(subscriptionSettings(registration))
  return [
    ...[...new Set(account)].map((id) => ['account_settings', id]),
    ...own.map((id) => ['audience_subscription_settings', id]),
  ]
}

/** Integrations that speak mParticle's Firehose protocol. */
export const firehoseKind: OutputKind = {
  label: 'Firehose integration',
  configuration: firehoseConfiguration,
  connection: firehoseConnection,
  triggers: firehoseTriggers,
  // An integration gets what its permissions say, whatever these rows would leave out elsewhere.
  read: (stored) => ({
    ...readStoredSettings(sharedSettings, {}),
    ...readStoredSettings(firehoseConnection, stored),
  }),
  readStoredTriggers: (stored) => ({
    ...readStoredSettings(triggerSettings, {}),
    ...readStoredSettings(firehoseTriggers, stored),
  }),
  readConfiguration: (given, deployment) =>
    judged(readSettings(firehoseConfiguration, given), (value) =>
      checkConfiguration(value, deployment)
    ),
  readConnection: (given, { registration }) =>
    judged(readSettings(firehoseConnection, given), (own) => checkConnection(own, registration)),
  readTriggers: (given, { registration }) =>
    judged(readSettings(firehoseTriggers, given), (own) => checkTriggers(own, registration)),
  secretPaths,
  firehose: facts,
}
