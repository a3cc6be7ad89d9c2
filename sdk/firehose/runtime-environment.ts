import type { DeviceIdentity } from './identities'
import type { TrackingAuthorization } from './names'
import type { Open, TextMap, UnknownType } from './open'

/** The fields of all environments. Unknown numbers are 0 or missing. */
export interface RuntimeBase {
  is_debug?: boolean
  client_ip_address?: string
  sdk_version?: string
  http_header_user_agent?: string
  identities?: DeviceIdentity[]
  build_id?: string
  brand?: string
  product?: string
  name?: string
  os_version?: string
  locale_language?: string
  locale_country?: string
  /** Offset from UTC in hours. */
  timezone_offset?: number
  application_name?: string
  application_version?: string
  application_package?: string
}

export interface Device {
  manufacturer?: string
  model?: string
  country?: string
  timezone_name?: string
}

export interface Screen {
  screen_height?: number
  screen_width?: number
}

export interface Network {
  network_country?: string
  network_carrier?: string
  network_code?: string
  network_mobile_country_code?: string
}

/** The fields of phones and of devices of unknown type. */
export interface Radios {
  screen_dpi?: number
  is_tablet?: boolean
  supports_telephony?: boolean
  has_nfc?: boolean
  bluetooth_enabled?: boolean
  bluetooth_version?: string
}

export interface TrackingTransparency {
  att_authorization_status?: Open<TrackingAuthorization>
  att_timestamp_unixtime_ms?: number
}

export interface AndroidRuntimeEnvironment extends RuntimeBase, Device, Screen, Network, Radios {
  type: 'android'
  android_sdk_level?: number
  install_referrer?: string
}

export interface IosRuntimeEnvironment
  extends RuntimeBase,
    Device,
    Screen,
    Network,
    TrackingTransparency {
  type: 'ios'
  cpu_architecture?: string
  is_tablet?: boolean
  radio_access_technology?: string
  is_sandboxed?: boolean
  apple_search_ads_attribution?: Record<string, TextMap>
}

export interface TvosRuntimeEnvironment extends RuntimeBase, Device, Screen, TrackingTransparency {
  type: 'tvos'
  cpu_architecture?: string
}

/** Here manufacturer, model and country have the prefix `device_`, and two flags are text. */
export interface MobileWebRuntimeEnvironment extends RuntimeBase, Screen, Network {
  type: 'mobileweb'
  device_manufacturer?: string
  device_model?: string
  device_country?: string
  screen_dpi?: number
  is_tablet?: boolean
  radio_access_technology?: string
  push_token?: string
  limit_ad_tracking?: string
  is_dst?: string
}

export interface RokuRuntimeEnvironment extends RuntimeBase, Device {
  type: 'roku'
  cpu_architecture?: string
}

export interface XboxRuntimeEnvironment extends RuntimeBase, Device, Screen {
  type: 'xbox'
  cpu_architecture?: string
}

export interface FireTvRuntimeEnvironment extends RuntimeBase, Device, Screen {
  type: 'firetv'
  cpu_architecture?: string
}

/** For platforms without fields of their own. Partner feeds and desktop programs are `unknown`. */
export interface GenericRuntimeEnvironment extends RuntimeBase, Device, Screen, Radios {
  type: 'unknown' | 'alexa' | 'smarttv'
}

export type RuntimeEnvironment =
  | AndroidRuntimeEnvironment
  | IosRuntimeEnvironment
  | TvosRuntimeEnvironment
  | MobileWebRuntimeEnvironment
  | RokuRuntimeEnvironment
  | XboxRuntimeEnvironment
  | FireTvRuntimeEnvironment
  | GenericRuntimeEnvironment

/** An environment of a type that this version does not know, with its type unchanged. */
export interface UnknownRuntimeEnvironment extends RuntimeBase, Device, Screen, Radios {
  type: UnknownType
}
