import { sharedSettings } from '../../connections/settings'
import { triggerSettings } from '../../connections/trigger-settings'
import { settings, type Values } from '../../settings'
import { accessSettings } from '../aws/access'

const largestInt32 = 2_147_483_647

export const firehoseConfiguration = settings({
  url: {
    type: 'url',
    label: 'URL',
    help: 'The integration’s address, where it is not a Lambda function: https.',
    source: 'firehose',
  },
  registration_url: {
    type: 'url',
    label: 'Registration URL',
    help: 'Where registration has an address of its own.',
    source: 'firehose',
  },
  events_url: {
    type: 'url',
    label: 'Events URL',
    help: 'Where events and data subject requests have an address of their own.',
    source: 'firehose',
  },
  audiences_url: {
    type: 'url',
    label: 'Audiences URL',
    help: 'Where audiences have an address of their own.',
    source: 'firehose',
  },
  token: {
    type: 'secret',
    label: 'Token',
    help: 'Sent as Authorization: Token …, by which the integration knows weir. Sealed when stored.',
    source: 'firehose',
  },
  lambda_arn: {
    type: 'text',
    label: 'Lambda ARN',
    help: 'The integration, where it is a Lambda function: its ARN, with the alias or version.',
    pattern: '^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\\d{12}:function:[\\w-]{1,64}(:[\\w$-]{1,128})?$',
    patternHelp: 'must be the ARN of a Lambda function',
    source: 'firehose',
  },
  ...accessSettings,
  module_id: {
    type: 'text',
    label: 'Module ID',
    help: 'The integration’s key among the integration_attributes of batches.',
    source: 'firehose',
  },
  account_id: {
    type: 'number',
    label: 'Account ID',
    help: 'Sent to the integration as the id of your account.',
    default: 1,
    unit: 'id',
    min: 1,
    max: largestInt32,
    source: 'firehose',
  },
  account_name: {
    type: 'text',
    label: 'Account Name',
    help: 'Sent in platform_fields, if the integration may see them.',
    source: 'firehose',
  },
  workspace_id: {
    type: 'number',
    label: 'Workspace ID',
    help: 'Sent in platform_fields. 0: not sent.',
    default: 0,
    unit: 'id',
    min: 0,
    max: largestInt32,
    source: 'firehose',
  },
  workspace_name: {
    type: 'text',
    label: 'Workspace Name',
    help: 'Sent in platform_fields.',
    source: 'firehose',
  },
  oauth_client_id: {
    type: 'text',
    label: 'OAuth Client ID',
    help: 'Where the integration asks for OAuth2 and registers no client id, or you have one of your own.',
    source: 'firehose',
  },
  oauth_client_secret: {
    type: 'secret',
    label: 'OAuth Client Secret',
    help: 'Where the integration asks for OAuth2. Sealed when stored, never shown again.',
    source: 'firehose',
  },
})

/** The settings that say where an integration is, unless it is a Lambda function. */
export const addressSettings = ['url', 'registration_url', 'events_url', 'audiences_url'] as const

const { include_historical, retention_hours } = sharedSettings

const shared = settings({
  account_settings: {
    type: 'values',
    label: 'Account Settings',
    help: 'The values of the settings that the integration registered, by their ids. Confidential ones are sealed when stored.',
    source: 'firehose',
  },
  verification_hours: {
    type: 'number',
    label: 'Verification',
    help: 'How often a request without data asks whether the integration is well. 0: never.',
    default: 24,
    unit: 'hours',
    min: 0,
    max: 720,
    source: 'weir',
  },
})

export const firehoseConnection = settings({
  ...shared,
  send_as_batch: {
    ...sharedSettings.send_as_batch,
    default: false,
    help: 'On: the events of a device are gathered for about ten minutes. Off: each upload is sent as it comes in.',
    source: 'weir',
  },
  include_historical,
  retention_hours,
})

export const firehoseTriggers = settings({
  ...shared,
  audience_subscription_settings: {
    type: 'values',
    label: 'Audience Settings',
    help: 'The values of the settings that the integration registered per audience, for all audiences of this connection.',
    source: 'firehose',
  },
  audience_events: triggerSettings.audience_events,
  existing_users: triggerSettings.existing_users,
  retention_hours,
})

export type FirehoseConfiguration = Values<typeof firehoseConfiguration>
