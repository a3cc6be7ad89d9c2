import { RegistrationError } from './errors'
import { firehoseVersion } from './names'
import type { Registration, Setting } from './registration'
import { registrationProblems } from './registration-problems'

const settingWithDefaults = (setting: Setting): Setting => {
  switch (setting.type) {
    case 'text':
      return { visible: true, required: false, confidential: false, ...setting }
    case 'boolean':
      return { visible: true, default_value: false, checked: false, ...setting }
    default:
      return { visible: true, required: false, ...setting }
  }
}

interface Settings {
  account_settings?: Setting[]
  event_connection_settings?: Setting[]
  audience_subscription_settings?: Setting[]
}

const withSettingDefaults = <Part extends Settings>(part: Part): Part => {
  const { account_settings, event_connection_settings, audience_subscription_settings } = part
  return {
    ...part,
    ...(account_settings && { account_settings: account_settings.map(settingWithDefaults) }),
    ...(event_connection_settings && {
      event_connection_settings: event_connection_settings.map(settingWithDefaults),
    }),
    ...(audience_subscription_settings && {
      audience_subscription_settings: audience_subscription_settings.map(settingWithDefaults),
    }),
  }
}

/**
 * Checks a registration and fills in defaults, like the Java SDK. Call it when the program starts,
 * so that errors show before the platform asks.
 *
 * @throws RegistrationError with all problems.
 */
export const moduleRegistration = (registration: Registration): Registration => {
  const problems = registrationProblems(registration)
  if (problems.length > 0) throw new RegistrationError(problems)
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  return {
    sdk_version: firehoseVersion,
    ...registration,
    ...(events && {
      event_processing_registration: { max_data_age_hours: 24, ...withSettingDefaults(events) },
    }),
    ...(audiences && { audience_processing_registration: withSettingDefaults(audiences) }),
    ...(dsr && { dsr_processing_registration: withSettingDefaults(dsr) }),
  }
}
