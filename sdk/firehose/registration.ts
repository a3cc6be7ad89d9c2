import type {
  DeviceIdentityType,
  Encoding,
  EventType,
  NotificationType,
  RuntimeType,
  UserIdentityType,
} from './names'

/** What an integration says of itself: the answer to `module_registration_request`. */
export interface Registration {
  /** The module's name, which is also the prefix of the custom flags that it gets. */
  name: string
  version: string
  /** Less than 230 characters; may have inline HTML. */
  description?: string
  sdk_version?: string
  permissions?: Permissions
  /** Present: it wants events. */
  event_processing_registration?: EventRegistration
  /** Present: it wants audiences. */
  audience_processing_registration?: AudienceRegistration
  /** Present: it wants data subject requests. */
  dsr_processing_registration?: DsrRegistration
}

export interface IdentityPermission<Type extends string = string> {
  type: Type
  encoding: Encoding
  /** A user must have at least one of the identities that are required. */
  required?: boolean
}

/** What is sent. All that is not allowed is left out. */
export interface Permissions {
  device_identities?: IdentityPermission<DeviceIdentityType>[]
  user_identities?: IdentityPermission<UserIdentityType>[]
  /** At most one. `PartnerName_IdentityName`, or `$cookie_sync_id`. */
  partner_identities?: IdentityPermission[]
  allow_access_location?: boolean
  allow_access_ip_address?: boolean
  allow_access_http_user_agent?: boolean
  allow_access_device_application_stamp?: boolean
  allow_access_mpid?: boolean
  /** The device's fields of the runtime environment. */
  allow_device_info?: boolean
  /** Also whether `user_attribute_change` events are sent. */
  allow_user_attributes?: boolean
  allow_audience_user_attributes?: boolean
  allow_consent_state?: boolean
  allow_platform_fields?: boolean
  allow_eventless_batches?: boolean
}

export interface EventRegistration {
  account_settings?: Setting[]
  /** Asked for per connection. */
  event_connection_settings?: Setting[]
  /** Only these are sent. */
  supported_event_types?: EventType[]
  /** Only batches of these are sent; none: of all. */
  supported_runtime_environments?: RuntimeType[]
  supported_system_notification_types?: NotificationType[]
  /** 24 when it is missing; -1: any age. */
  max_data_age_hours?: number
  /** Needed with push events: the key of a push payload that makes it the integration's. */
  push_messaging_provider_id?: string
  authentication?: OAuth2Authentication
}

export interface AudienceRegistration {
  account_settings?: Setting[]
  authentication?: OAuth2Authentication
  /** When membership changes are sent: whichever is first. */
  bulk_configuration?: {
    /** 2000 when it is missing. */
    bulk_forward_wait_for_messages?: number
    /** 720 when it is missing. */
    bulk_forward_wait_in_minutes?: number
  }
  /** Per audience: those that are visible the customer fills in, the others the integration does. */
  audience_subscription_settings?: Setting[]
}

export interface DsrRegistration {
  account_settings?: Setting[]
  supported_dsr_types?: 'erasure'[]
  /** Where OpenDSR callbacks come from. */
  domain?: string
}

interface SettingBase {
  /** The key of its value in `account_settings`. */
  id: string
  name: string
  description?: string
  /** Whether the customer is asked for it; true when it is missing. */
  visible?: boolean
}

export interface TextSetting extends SettingBase {
  type: 'text'
  default_value?: string
  required?: boolean
  confidential?: boolean
}

export interface NumberSetting extends SettingBase {
  type: 'integer' | 'float'
  default_value?: number
  min_value?: number
  max_value?: number
  required?: boolean
}

export interface BooleanSetting extends SettingBase {
  type: 'boolean'
  default_value?: boolean
  /** Also the initial value: it is on when either says so. */
  checked?: boolean
}

/** A value that the customer fills in. It travels as text, whatever its type. */
export type Setting = TextSetting | NumberSetting | BooleanSetting

export interface OAuth2Authentication {
  type: 'oauth2'
  authorization_url: string
  token_url: string
  /** Where tokens are refreshed; `token_url` when it is missing. */
  refresh_url?: string
  /** `authorization_code` when it is missing. */
  grant_type?: 'authorization_code' | 'client_credentials'
  /** Seconds, when the token's answer does not say. */
  default_expires_in?: number
  client_id?: string
  /** `bearer` when it is missing. */
  access_token_type?: 'bearer' | 'custom_header'
  custom_header_name?: string
  /** Instead of `client_id` and `client_secret`. */
  param_client_id_name?: string
  param_secret_name?: string
  scopes?: { name: string; description: string }[]
}
