import type { FirehoseFacts } from '../../connections/firehose/facts'
import { type ConnectionSettings, sharedSettings } from '../../connections/settings'
import { type TriggerSettings, triggerSettings } from '../../connections/trigger-settings'
import { readStoredSettings } from '../../settings'
import type { ConnectionToCheck, IntegrationKind, OutputFacts, OutputKind } from '../kind'
import { checkConfiguration, checkConnection, checkTriggers } from './check'
import { requestDueMs, verificationDueMs } from './due'
import { confidentialIds, registeredSettings, subscriptionSettings } from './integration-settings'
import { openIntegration } from './open'
import { register } from './registration/ask'
import {
  addressSettings,
  firehoseConfiguration,
  firehoseConnection,
  firehoseTriggers,
} from './settings'

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
  return [
    ...[...new Set(account)].map((id) => ['account_settings', id]),
    ...confidentialIds(subscriptionSettings(registration)).map((id) => [
      'audience_subscription_settings',
      id,
    ]),
  ]
}

const integration: IntegrationKind = {
  register,
  facts,
  secretPaths,
  // Those of AWS sign requests and are never sent.
  sentSecrets: ['token', 'oauth_client_secret'],
  addresses: [...addressSettings, 'lambda_arn'],
  verificationDueMs,
}

// An integration gets what its permissions allow, so settings that filter elsewhere have defaults.
const readConnection = (stored: unknown): ConnectionSettings => ({
  ...readStoredSettings(sharedSettings, {}),
  ...readStoredSettings(firehoseConnection, stored),
  isQueue: true,
})

const readTriggers = (stored: unknown): TriggerSettings => ({
  ...readStoredSettings(triggerSettings, {}),
  ...readStoredSettings(firehoseTriggers, stored),
  isQueue: true,
})

const checkSettings = ({ settings, isOfAudiences, registration }: ConnectionToCheck) =>
  isOfAudiences
    ? checkTriggers(readStoredSettings(firehoseTriggers, settings), registration)
    : checkConnection(readStoredSettings(firehoseConnection, settings), registration)

/** Integrations that speak mParticle's Firehose protocol. */
export const firehoseKind: OutputKind = {
  label: 'Firehose integration',
  configuration: firehoseConfiguration,
  connection: firehoseConnection,
  triggers: firehoseTriggers,
  checkConfiguration: (settings, deployment) =>
    checkConfiguration(readStoredSettings(firehoseConfiguration, settings), deployment),
  checkConnection: checkSettings,
  readConnection,
  readTriggers,
  dueMs: requestDueMs,
  open: openIntegration,
  integration,
}
