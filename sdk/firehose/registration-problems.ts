import type { Problem } from './errors'
import { type DeviceIdentityType, maxDescriptionLength, type UserIdentityType } from './names'
import type {
  AudienceRegistration,
  DsrRegistration,
  EventRegistration,
  NumberSetting,
  OAuth2Authentication,
  Permissions,
  Registration,
  Setting,
} from './registration'
import { isObject } from './tables/field'
import { registration as registrationTable } from './tables/registration'

const pushTypes = ['push_message_receipt', 'push_message_open']

// Identities that data subject requests can have. The protocol also has a name for `customer`, but
// mParticle does not support it.
const dsrCapable: (DeviceIdentityType | UserIdentityType)[] = [
  'android_id',
  'google_advertising_id',
  'ios_advertising_id',
  'ios_vendor_id',
  'fire_advertising_id',
  'microsoft_advertising_id',
  'microsoft_publisher_id',
  'roku_advertising_id',
  'roku_publisher_id',
  'email',
]

const problemIf = (isWrong: boolean, path: string, message: string): Problem[] =>
  isWrong ? [{ path, message }] : []

// Lists may have the wrong form: all problems are reported at once, so forms are not checked first.
const each = <T extends object>(list: T[] | undefined): [number, T][] =>
  Array.isArray(list) ? [...list.entries()].filter(([, item]) => isObject(item)) : []

const repeated = <T extends object>(list: T[] | undefined, key: keyof T & string, path: string) => {
  const seen = new Set<unknown>()
  return each(list).flatMap(([i, item]) => {
    const isRepeated = seen.has(item[key])
    seen.add(item[key])
    return problemIf(isRepeated, `${path}.${i}.${key}`, `is there twice: ${item[key]}`)
  })
}

const rangeProblems = (setting: NumberSetting, path: string): Problem[] => {
  const { min_value: min = -Infinity, max_value: max = Infinity, default_value: value } = setting
  const isOutside = value !== undefined && (value < min || value > max)
  return [
    ...problemIf(min > max, `${path}.min_value`, 'must not be above max_value'),
    ...problemIf(isOutside, `${path}.default_value`, 'must be between min_value and max_value'),
  ]
}

const settingProblems = (
  settings: Setting[] | undefined,
  path: string,
  { isSuppliedWhenHidden = false } = {}
): Problem[] => [
  ...repeated(settings, 'id', path),
  ...each(settings).flatMap(([i, setting]) => {
    const hasValue = setting.visible !== false || isSuppliedWhenHidden
    return [
      ...problemIf(
        setting.type !== 'boolean' && setting.required === true && !hasValue,
        `${path}.${i}.required`,
        'must not be true of a setting that is not visible, which nobody can fill in'
      ),
      ...(setting.type === 'integer' || setting.type === 'float'
        ? rangeProblems(setting, `${path}.${i}`)
        : []),
    ]
  }),
]

const authenticationProblems = (oauth: OAuth2Authentication | undefined, path: string) => {
  if (!isObject(oauth)) return []
  const needsHeader = oauth.access_token_type === 'custom_header'
  const needsClient = oauth.grant_type !== 'client_credentials'
  const { default_expires_in: seconds = 1 } = oauth
  return [
    ...problemIf(
      needsHeader && !oauth.custom_header_name,
      `${path}.custom_header_name`,
      'is required with a custom_header'
    ),
    ...problemIf(needsClient && !oauth.client_id, `${path}.client_id`, 'is required'),
    ...problemIf(seconds < 1, `${path}.default_expires_in`, 'must be positive'),
  ]
}

const permissionProblems = (permissions: Permissions): Problem[] => {
  const { device_identities, user_identities, partner_identities } = permissions
  const isMany = Array.isArray(partner_identities) && partner_identities.length > 1
  return [
    ...repeated(device_identities, 'type', 'permissions.device_identities'),
    ...repeated(user_identities, 'type', 'permissions.user_identities'),
    ...problemIf(isMany, 'permissions.partner_identities', 'must not be more than one'),
  ]
}

const eventProblems = (events: EventRegistration): Problem[] => {
  const path = 'event_processing_registration'
  const { supported_event_types: types, max_data_age_hours: hours = -1 } = events
  const pushType = Array.isArray(types) && types.find((type) => pushTypes.includes(type))
  return [
    ...settingProblems(events.account_settings, `${path}.account_settings`),
    ...settingProblems(events.event_connection_settings, `${path}.event_connection_settings`),
    ...authenticationProblems(events.authentication, `${path}.authentication`),
    ...problemIf(
      hours < 1 && hours !== -1,
      `${path}.max_data_age_hours`,
      'must be positive, or -1 for any age'
    ),
    ...problemIf(
      Boolean(pushType) && !events.push_messaging_provider_id,
      `${path}.push_messaging_provider_id`,
      `is required with ${pushType}`
    ),
  ]
}

const audienceProblems = (audiences: AudienceRegistration): Problem[] => {
  const path = 'audience_processing_registration'
  const { account_settings, audience_subscription_settings, bulk_configuration = {} } = audiences
  return [
    ...settingProblems(account_settings, `${path}.account_settings`),
    ...settingProblems(audience_subscription_settings, `${path}.audience_subscription_settings`, {
      isSuppliedWhenHidden: true,
    }),
    ...authenticationProblems(audiences.authentication, `${path}.authentication`),
    ...Object.entries(bulk_configuration ?? {}).flatMap(([key, value]) =>
      problemIf(value < 1, `${path}.bulk_configuration.${key}`, 'must be positive')
    ),
  ]
}

const dsrProblems = (dsr: DsrRegistration, permissions: Permissions | undefined): Problem[] => {
  const path = 'dsr_processing_registration'
  const grants = [...each(permissions?.device_identities), ...each(permissions?.user_identities)]
  const isCapable = grants.some(([, { type }]) => dsrCapable.includes(type))
  const list = dsrCapable.join(', ')
  return [
    ...settingProblems(dsr.account_settings, `${path}.account_settings`),
    ...problemIf(!dsr.domain, `${path}.domain`, 'is required'),
    ...problemIf(!dsr.supported_dsr_types?.length, `${path}.supported_dsr_types`, 'is required'),
    ...problemIf(!isCapable, 'permissions', `must have one of ${list} for data subject requests`),
  ]
}

/** All problems for which a platform would reject a registration. */
export const registrationProblems = (registration: Registration): Problem[] => {
  const { description, permissions } = registration
  const { event_processing_registration: events } = registration
  const { audience_processing_registration: audiences } = registration
  const { dsr_processing_registration: dsr } = registration
  const isLong = typeof description === 'string' && description.length > maxDescriptionLength
  return [
    ...registrationTable.check(registration, ''),
    ...problemIf(isLong, 'description', `must have at most ${maxDescriptionLength} characters`),
    ...(isObject(permissions) ? permissionProblems(permissions) : []),
    ...(isObject(events) ? eventProblems(events) : []),
    ...(isObject(audiences) ? audienceProblems(audiences) : []),
    ...(isObject(dsr) ? dsrProblems(dsr, permissions) : []),
  ]
}
