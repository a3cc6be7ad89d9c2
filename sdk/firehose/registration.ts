import type {
  DeviceIdentityType,
  Encoding,
  EventType,
  NotificationType,
  RuntimeType,
  UserIdentityType,
} from './names'

/** An integration's description of itself: its response to `module_registration_request`. */
export interface Registration {
  /** The module's name, which is also the prefix of the custom flags that are sent to it. */
  name: string
  version: string
  /** Less than 230 characters; may contain inline HTML. */
  description?: string
  sdk_version?: string
  permissions?: Permissions
  /** Present if it wants events. */
  event_processing_registration?: EventRegistration
  /** Present if it wants audiences. */
  audience_processing_registration?: AudienceRegistration
  /** Present if it wants data subject requests (erasures). */
  dsr_processing_registration?: DsrRegistration
}

export interface IdentityPermission<Type extends string = string> {
  type: Type
  encoding: Encoding
  /** Users without any of the required identities are not sent. */
  required?: boolean
}

/** The data that is sent. What is not permitted is left out. */
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
  /** The device fields of the runtime environment. */
  allow_device_info?: boolean
  /** Also permits `user_attribute_change` events. */
  allow_user_attributes?: boolean
  allow_audience_user_attributes?: boolean
  allow_consent_state?: boolean
  allow_platform_fields?: boolean
  allow_eventless_batches?: boolean
}

export interface EventRegistration {
  account_settings?: Setting[]
  /** Settings of each connection. */
  event_connection_settings?: Setting[]
  /** Other types are not sent. */
  supported_event_types?: EventType[]
  /** Batches of other environments are not sent. Missing or empty: all are sent. */
  supported_runtime_environments?: RuntimeType[]
  supported_system_notification_types?: NotificationType[]
  /** Default 24; -1: any age. */
  max_data_age_hours?: number
  /** Required with push events: only push payloads that have this key are sent. */
  push_messaging_provider_id?: string
  authentication?: OAuth2Authentication
}

export interface AudienceRegistration {
  account_settings?: Setting[]
  authentication?: OAuth2Authentication
  /** When membership changes are sent: when either limit is reached. */
  bulk_configuration?: {
    /** Default 2000. */
    bulk_forward_wait_for_messages?: number
    /** Default 720. */
    bulk_forward_wait_in_minutes?: number
  }
  /**
   * Settings of each audience. The customer fills in the visible ones, the integration the others.
   */
  audience_subscription_settings?: Setting[]
}

export interface DsrRegistration {
  account_settings?: Setting[]
  supported_dsr_types?: 'erasure'[]
  /** The domain of the integration's OpenDSR callbacks. */
  domain?: string
}

interface SettingBase {
  /** The name of its value in `account_settings`. */
  id: string
  name: string
  description?: string
  /** Whether the customer can fill it in. Default true. */
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
  /** Like `default_value`: the setting is initially on if either is true. */
  checked?: boolean
}

/** A value that the customer fills in. Messages have it as text, whatever its type. */
export type Setting = TextSetting | NumberSetting | BooleanSetting

export interface OAuth2Authentication {
  type: 'oauth2'
  authorization_url: string
  token_url: string
  /** The address that refreshes tokens. Default: `token_url`. */
  refresh_url?: string
  /** Default `authorization_code`. */
  grant_type?: 'authorization_code' | 'client_credentials'
  /** The life of a token in seconds, if the token response has none. */
  default_expires_in?: number
  client_id?: string
  /** Default `bearer`. */
  access_token_type?: 'bearer' | 'custom_header'
  custom_header_name?: string
  /** Names of the parameters, instead of `client_id` and `client_secret`. */
  param_client_id_name?: string
  param_secret_name?: string
  scopes?: { name: string; description: string }[]
}
