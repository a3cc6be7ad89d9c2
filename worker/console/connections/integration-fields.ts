import type { Setting } from '../../../sdk/firehose/registration'
import type { Output } from '../../config/workspace-file'
import {
  registeredSettings,
  subscriptionSettings,
} from '../../outputs/firehose/integration-settings'
import type { SettingRow } from '../../settings'
import type { FormField } from '../forms/form-field'

const numberRow = (setting: Setting & { type: 'integer' | 'float' }): SettingRow => {
  const { default_value, min_value = -Infinity, max_value = Infinity, required } = setting
  return {
    type: 'number',
    label: setting.name,
    help: setting.description ?? '',
    unit: '',
    min: min_value,
    max: max_value,
    ...(default_value === undefined ? {} : { default: default_value }),
    required: required === true && default_value === undefined,
  }
}

const rowOf = (setting: Setting): SettingRow => {
  const shared = { label: setting.name, help: setting.description ?? '' }
  if (setting.type === 'boolean') {
    const isOn = setting.checked || setting.default_value
    return { ...shared, type: 'switch', default: isOn ?? false }
  }
  if (setting.type !== 'text') return numberRow(setting)
  const { confidential, default_value, required } = setting
  const needed = { required: required === true && default_value === undefined }
  if (confidential) return { ...shared, ...needed, type: 'secret' }
  return {
    ...shared,
    ...needed,
    type: 'text',
    ...(default_value ? { default: default_value } : {}),
  }
}

const fieldsAt = (settings: Setting[], place: string): FormField[] =>
  settings
    .filter(({ visible }) => visible !== false)
    .map((setting) => ({ path: ['settings', place, setting.id], row: rowOf(setting) }))

/** Form fields for the settings in an integration's registration. */
export const integrationFields = (
  { registration }: Output,
  source: 'events' | 'audiences'
): FormField[] => {
  if (!registration) return []
  const account = fieldsAt(registeredSettings(registration, source), 'account_settings')
  if (source === 'events') return account
  const subscription = fieldsAt(
    subscriptionSettings(registration),
    'audience_subscription_settings'
  )
  return [...account, ...subscription]
}
