import {
  type DeviceIdentityType,
  deviceIdentityTypes,
  dsrTypes,
  encodings,
  eventTypes,
  notificationTypes,
  runtimeTypes,
  type UserIdentityType,
  userIdentityTypes,
} from '../names'
import type {
  AudienceRegistration,
  BooleanSetting,
  DsrRegistration,
  EventRegistration,
  IdentityPermission,
  NumberSetting,
  OAuth2Authentication,
  Permissions,
  Registration,
  Setting,
  TextSetting,
} from '../registration'
import { type Field, type Fields, isObject, list, object, required, variants } from './field'
import { decimal, filled, flag, int32, int64, known, text } from './scalars'

// Permissions with an unknown type or encoding are left out: nothing can be sent for them.
const permission = { encoding: required(known(encodings)), required: flag }

const permissions = object<Permissions>({
  device_identities: list(
    object<IdentityPermission<DeviceIdentityType>>({
      type: required(known(deviceIdentityTypes)),
      ...permission,
    })
  ),
  user_identities: list(
    object<IdentityPermission<UserIdentityType>>({
      type: required(known(userIdentityTypes)),
      ...permission,
    })
  ),
  partner_identities: list(object<IdentityPermission>({ type: required(filled), ...permission })),
  allow_access_location: flag,
  allow_access_ip_address: flag,
  allow_access_http_user_agent: flag,
  allow_access_device_application_stamp: flag,
  allow_access_mpid: flag,
  allow_device_info: flag,
  allow_user_attributes: flag,
  allow_audience_user_attributes: flag,
  allow_consent_state: flag,
  allow_platform_fields: flag,
  allow_eventless_batches: flag,
})

const settingBase = {
  id: required(filled),
  name: required(filled, () => ''),
  description: text,
  visible: flag,
}

const textSetting = object<TextSetting>({
  type: required(known(['text'])),
  ...settingBase,
  default_value: text,
  required: flag,
  confidential: flag,
})

const numberSetting = <Type extends 'integer' | 'float'>(type: Type, number: Field<number>) =>
  object<NumberSetting>({
    type: required(known([type])),
    ...settingBase,
    default_value: number,
    min_value: number,
    max_value: number,
    required: flag,
  })

const booleanSetting = object<BooleanSetting>({
  type: required(known(['boolean'])),
  ...settingBase,
  default_value: flag,
  checked: flag,
})

/** A setting of an unknown type is read as a text setting. */
const opaque: Field<TextSetting> = {
  read: (value) => (isObject(value) ? textSetting.read({ ...value, type: 'text' }) : undefined),
  check: (_value, path) => [
    { path: `${path}.type`, message: 'must be one of text, integer, float, boolean' },
  ],
}

const settings: Field<Setting[]> = list(
  variants<Setting, TextSetting>(
    {
      text: textSetting,
      integer: numberSetting('integer', int64),
      float: numberSetting('float', decimal),
      boolean: booleanSetting,
    },
    opaque
  )
)

const authentication = object<OAuth2Authentication>({
  type: required(known(['oauth2'])),
  authorization_url: required(filled, () => ''),
  token_url: required(filled, () => ''),
  refresh_url: text,
  grant_type: known(['authorization_code', 'client_credentials']),
  default_expires_in: int32,
  client_id: text,
  access_token_type: known(['bearer', 'custom_header']),
  custom_header_name: text,
  param_client_id_name: text,
  param_secret_name: text,
  scopes: list(
    object<{ name: string; description: string }>({
      name: required(filled),
      description: required(filled, () => ''),
    })
  ),
})

type Bulk = NonNullable<AudienceRegistration['bulk_configuration']>

/** The fields of `module_registration_response` besides the envelope. */
export const registrationFields: Fields<Registration> = {
  name: required(filled, () => ''),
  version: required(filled, () => ''),
  description: text,
  sdk_version: text,
  permissions,
  event_processing_registration: object<EventRegistration>({
    account_settings: settings,
    event_connection_settings: settings,
    supported_event_types: list(known(eventTypes)),
    supported_runtime_environments: list(known(runtimeTypes)),
    supported_system_notification_types: list(known(notificationTypes)),
    max_data_age_hours: int32,
    push_messaging_provider_id: text,
    authentication,
  }),
  audience_processing_registration: object<AudienceRegistration>({
    account_settings: settings,
    authentication,
    bulk_configuration: object<Bulk>({
      bulk_forward_wait_for_messages: int32,
      bulk_forward_wait_in_minutes: int32,
    }),
    audience_subscription_settings: settings,
  }),
  dsr_processing_registration: object<DsrRegistration>({
    account_settings: settings,
    supported_dsr_types: list(known(dsrTypes)),
    domain: text,
  }),
}

export const registration = object<Registration>(registrationFields)
