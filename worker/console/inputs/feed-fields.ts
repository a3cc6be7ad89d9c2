import { isObject } from '../../base/json'
import { type FormField, fieldsOf } from '../forms/form-field'
import type { Section } from '../forms/section'

export const firehoseSection: Section = {
  title: 'Firehose feed',
  isFolded: true,
  optional: { path: ['firehose'], label: 'Take a feed of Firehose messages' },
  fields: fieldsOf(
    {
      token: {
        type: 'secret',
        label: 'Token',
        help: 'What its requests must name: Authorization: Token …. At least 8 characters.',
        required: true,
      },
      module_name: {
        type: 'text',
        label: 'Module Name',
        help: 'What weir is called in the directory of integrations, and the prefix of its custom flags.',
        default: 'weir',
      },
      erasures: {
        type: 'switch',
        label: 'Erase Users',
        help: 'Its data subject requests erase users here, also those of other inputs. Off: the connections are told only.',
        default: false,
      },
    },
    'firehose'
  ),
}

const appFields = fieldsOf(
  {
    app_id: {
      type: 'text',
      label: 'Application ID',
      help: 'What requests of the app name.',
      required: true,
    },
    account_id: {
      type: 'text',
      label: 'Account ID',
      help: 'Told in flattened records.',
      default: 'weir',
    },
    environment: {
      type: 'choice',
      label: 'Environment',
      help: 'What the batches of the app say.',
      default: 'production',
      choices: [
        { value: 'production', label: 'Production' },
        { value: 'development', label: 'Development' },
      ],
    },
    customer_id_attribute: {
      type: 'text',
      label: 'Customer ID Attribute',
      help: 'The attribute of events that names the customer, if any does.',
    },
    custom_as_user_attributes: {
      type: 'switch',
      label: 'Custom as User Attributes',
      help: 'What the client context has as custom becomes user attributes.',
      default: false,
    },
    strict_client_context: {
      type: 'switch',
      label: 'Strict Client Context',
      help: 'Refuse a client context that lacks something that Amazon’s guide asks for.',
      default: false,
    },
  },
  'mobile_analytics'
)

const accessKeyFields = (index: number): FormField[] =>
  fieldsOf(
    {
      access_key_id: {
        type: 'text',
        label: `Access Key ID ${index + 1}`,
        help: index === 0 ? 'Empty: the key is taken out.' : '',
      },
      secret_access_key: {
        type: 'secret',
        label: `Secret Access Key ${index + 1}`,
        help: 'Sealed when stored, never shown again.',
        required: true,
      },
      enabled: { type: 'switch', label: `Key ${index + 1} is enabled`, help: '', default: true },
      expires: {
        type: 'text',
        label: `Key ${index + 1} expires`,
        help: 'A time such as 2027-01-31T00:00:00Z. Empty: never.',
      },
    },
    'mobile_analytics',
    'access_keys',
    String(index)
  )

/** @param keys how many access keys there are; one more may be added */
export const mobileSection = (keys: number): Section => ({
  title: 'Amazon Mobile Analytics',
  isFolded: true,
  optional: { path: ['mobile_analytics'], label: 'Take events of an app of Mobile Analytics' },
  fields: [...appFields, ...Array.from({ length: keys + 1 }, (_, i) => accessKeyFields(i)).flat()],
})

type Item = Record<string, unknown>

/** An input with its access keys by their places, so that each is a group like others. */
export const withPlacedKeys = (input: Item): Item => {
  const app = input.mobile_analytics
  if (!isObject(app) || !Array.isArray(app.access_keys)) return input
  return { ...input, mobile_analytics: { ...app, access_keys: { ...app.access_keys } } }
}

/** The same with a list of them again, without those that have no id. */
export const withListedKeys = (input: Item): Item => {
  const app = input.mobile_analytics
  if (!isObject(app) || !isObject(app.access_keys)) return input
  const keys = Object.values(app.access_keys)
  const named = keys.filter((one) => isObject(one) && typeof one.access_key_id === 'string')
  return { ...input, mobile_analytics: { ...app, access_keys: named } }
}

export const countKeys = ({ mobile_analytics: app }: Item): number => {
  const keys = isObject(app) ? app.access_keys : undefined
  return Array.isArray(keys) ? keys.length : isObject(keys) ? Object.keys(keys).length : 0
}
