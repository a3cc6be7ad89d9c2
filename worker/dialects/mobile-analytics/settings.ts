import { settings, type Values } from '../../settings'

const accessKeySettings = settings({
  access_key_id: {
    type: 'text',
    label: 'Access Key ID',
    help: 'The id that the app signs its requests with.',
    required: true,
    pattern: '^[\\w.-]{4,128}$',
    patternHelp: 'must have 4 to 128 of A-Z, a-z, 0-9, _ . -',
  },
  secret_access_key: {
    type: 'secret',
    label: 'Secret Access Key',
    help: 'At least 8 characters. Sealed when stored, never shown again.',
    required: true,
    minLength: 8,
  },
  enabled: {
    type: 'switch',
    label: 'Enabled',
    help: 'Off: requests signed with this key are refused.',
    default: true,
  },
  expires: {
    type: 'time',
    label: 'Expires',
    help: 'From this time on, such as 2027-01-31T00:00:00Z, requests signed with this key are refused. Empty: never.',
  },
})

export type AccessKey = Values<typeof accessKeySettings>

const appSettings = settings({
  app_id: {
    type: 'text',
    label: 'Application ID',
    help: 'The application id that the app sends with each request; another one is refused.',
    required: true,
    minLength: 1,
  },
  account_id: {
    type: 'text',
    label: 'Account ID',
    help: 'The account id in flattened records (Record Format of a connection).',
    default: 'weir',
    minLength: 1,
  },
  environment: {
    type: 'choice',
    label: 'Environment',
    help: 'The environment in the batches of the app.',
    default: 'production',
    choices: [
      { value: 'production', label: 'Production' },
      { value: 'development', label: 'Development' },
    ],
  },
  customer_id_attribute: {
    type: 'text',
    label: 'Customer ID Attribute',
    help: 'The attribute of events whose value is the customer_id of the user. The last event that has it counts.',
    minLength: 1,
  },
  custom_as_user_attributes: {
    type: 'switch',
    label: 'Custom as User Attributes',
    help: 'Store the field custom of the client context as user attributes.',
    default: false,
  },
  strict_client_context: {
    type: 'switch',
    label: 'Strict Client Context',
    help: 'Refuse a client context without app_title, or with a platform that Amazon’s guide does not list. Amazon’s own JavaScript client is refused with it, by default.',
    default: false,
  },
  access_keys: {
    type: 'groups',
    label: 'Access Key',
    help: 'The keys that requests may be signed with. Several, so that a key can be replaced while installed apps still use the old one.',
    rows: accessKeySettings,
  },
})

export type MobileAnalytics = Values<typeof appSettings>

/** What is set on an input for an app of Amazon Mobile Analytics. */
export const mobileAnalyticsSettings = settings({
  mobile_analytics: {
    type: 'group',
    label: 'Amazon Mobile Analytics',
    help: 'An app that sends with an SDK of Amazon Mobile Analytics.',
    switchLabel: 'Accept events of an app of Mobile Analytics',
    rows: appSettings,
  },
})
