import type {
  NumberSetting,
  OAuth2Authentication,
  Registration,
  Setting,
} from '../../../../sdk/firehose/registration'
import { type Problem, problem } from '../../../base/problem'
import { parseUrl } from '../../../base/url'
import { isHeaderName } from '../exchange/http'

interface Allowed {
  /** Whether addresses may begin with http. */
  allowsCustomEndpoints: boolean
}

const invalid = (path: string, message: string): Problem =>
  problem('invalid_registration', path, `${path} ${message}`)

/** The requests of a registration that weir cannot fulfil. */
export const registrationProblems = (registration: Registration, allowed: Allowed): Problem[] => [
  ...moduleProblems(registration),
  ...permissionProblems(registration),
  ...eventProblems(registration),
  ...dsrProblems(registration),
  ...settingLists(registration).flatMap(listProblems),
  ...authentications(registration).flatMap(([path, authentication]) =>
    authenticationProblems(path, authentication, allowed)
  ),
]

const moduleProblems = (registration: Registration): Problem[] => {
  const problems: Problem[] = []
  if (!registration.name) problems.push(invalid('name', 'is missing.'))
  if (!registration.version) problems.push(invalid('version', 'is missing.'))
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  if (!events && !audiences && !dsr) {
    const message = 'The integration wants neither events nor audiences nor data subject requests.'
    problems.push(problem('invalid_registration', '', message))
  }
  return problems
}

const permissionProblems = ({ permissions = {} }: Registration): Problem[] => {
  const isMany = (permissions.partner_identities?.length ?? 0) > 1
  const repeated = (['device_identities', 'user_identities'] as const).flatMap((field) => {
    const types = permissions[field]?.map(({ type }) => type) ?? []
    return types.flatMap((type, i) =>
      types.indexOf(type) < i
        ? invalid(`permissions.${field}.${i}.type`, `is ${type}, as that of an earlier one.`)
        : []
    )
  })
  return isMany
    ? [invalid('permissions.partner_identities', 'may have one only.'), ...repeated]
    : repeated
}

const eventProblems = ({ event_processing_registration: events }: Registration): Problem[] => {
  if (!events) return []
  const path = 'event_processing_registration'
  const problems: Problem[] = []
  const isPush = events.supported_event_types?.some((type) => /^push_message_/.test(type))
  if (isPush && !events.push_messaging_provider_id) {
    problems.push(invalid(`${path}.push_messaging_provider_id`, 'is needed for push messages.'))
  }
  if ((events.max_data_age_hours ?? 0) < -1) {
    problems.push(invalid(`${path}.max_data_age_hours`, 'must be -1 or more.'))
  }
  return problems
}

/** The types of identities that have a name of their own in data subject requests. */
export const dsrCapable: ReadonlySet<string> = new Set([
  'customer',
  'email',
  'android_id',
  'google_advertising_id',
  'fire_advertising_id',
  'ios_advertising_id',
  'ios_vendor_id',
  'microsoft_advertising_id',
  'microsoft_publisher_id',
  'roku_publisher_id',
  'roku_advertising_id',
])

const dsrProblems = (registration: Registration): Problem[] => {
  const { dsr_processing_registration: dsr, permissions = {} } = registration
  if (!dsr) return []
  const problems: Problem[] = []
  if (!dsr.supported_dsr_types) {
    const path = 'dsr_processing_registration.supported_dsr_types'
    problems.push(invalid(path, 'must have erasure.'))
  }
  const permitted = [permissions.device_identities, permissions.user_identities].flat()
  if (!permitted.some((identity) => identity && dsrCapable.has(identity.type))) {
    problems.push(invalid('permissions', 'have no identity that data subject requests know.'))
  }
  return problems
}

interface SettingList {
  path: string
  settings: Setting[]
  /** Whether the integration fills in the settings that the customer does not see. */
  hiddenFrom: 'nobody' | 'integration'
}

const settingLists = (registration: Registration): SettingList[] => {
  const list = (path: string, settings: Setting[] = []): SettingList => ({
    path,
    settings,
    hiddenFrom: 'nobody',
  })
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  const connection = 'event_processing_registration.event_connection_settings'
  const subscription = 'audience_processing_registration.audience_subscription_settings'
  return [
    list('event_processing_registration.account_settings', events?.account_settings),
    list(connection, events?.event_connection_settings),
    list('audience_processing_registration.account_settings', audiences?.account_settings),
    {
      ...list(subscription, audiences?.audience_subscription_settings),
      hiddenFrom: 'integration',
    },
    list('dsr_processing_registration.account_settings', dsr?.account_settings),
  ]
}

const listProblems = ({ path, settings, hiddenFrom }: SettingList): Problem[] =>
  settings.flatMap((setting, i) => {
    const at = `${path}.${i}`
    const problems: Problem[] = []
    if (settings.findIndex((other) => other.id === setting.id) < i) {
      problems.push(invalid(`${at}.id`, `is ${setting.id}, as that of an earlier one.`))
    }
    if (hiddenFrom === 'nobody' && isHiddenAndNeeded(setting)) {
      problems.push(
        invalid(at, 'is required, invisible and has no default: it cannot be filled in.')
      )
    }
    if ((setting.type === 'integer' || setting.type === 'float') && isEmptyRange(setting)) {
      problems.push(invalid(`${at}.min_value`, 'is above max_value.'))
    }
    return problems
  })

const isHiddenAndNeeded = (setting: Setting): boolean =>
  setting.type !== 'boolean' &&
  setting.visible === false &&
  setting.required === true &&
  setting.default_value === undefined

const isEmptyRange = ({ min_value = -Infinity, max_value = Infinity }: NumberSetting): boolean =>
  min_value > max_value

const authentications = (registration: Registration): [path: string, OAuth2Authentication][] =>
  (['event_processing_registration', 'audience_processing_registration'] as const).flatMap(
    (name): [string, OAuth2Authentication][] => {
      const authentication = registration[name]?.authentication
      return authentication ? [[`${name}.authentication`, authentication]] : []
    }
  )

const authenticationProblems = (
  path: string,
  authentication: OAuth2Authentication,
  allowed: Allowed
): Problem[] => {
  const { access_token_type, custom_header_name = '', grant_type } = authentication
  const problems: Problem[] = []
  if (access_token_type === 'custom_header' && !isHeaderName(custom_header_name)) {
    const message = 'must be the name of a header that may be set.'
    problems.push(invalid(`${path}.custom_header_name`, message))
  }
  for (const field of ['authorization_url', 'token_url', 'refresh_url'] as const) {
    const url = authentication[field]
    const isNeeded =
      field === 'token_url' ||
      (field === 'authorization_url' && grant_type !== 'client_credentials')
    if (!url && isNeeded) problems.push(invalid(`${path}.${field}`, 'is missing.'))
    if (url && !isCallable(url, allowed)) {
      problems.push(invalid(`${path}.${field}`, 'must be a URL that begins with https://.'))
    }
  }
  return problems
}

const isCallable = (url: string, { allowsCustomEndpoints }: Allowed): boolean => {
  const parsed = parseUrl(url)
  if (!parsed || parsed.username || parsed.password) return false
  return parsed.protocol === 'https:' || (allowsCustomEndpoints && parsed.protocol === 'http:')
}
