import { trackingAuthorizations } from '../names'
import type {
  AndroidRuntimeEnvironment,
  Device,
  FireTvRuntimeEnvironment,
  GenericRuntimeEnvironment,
  IosRuntimeEnvironment,
  MobileWebRuntimeEnvironment,
  Network,
  Radios,
  RokuRuntimeEnvironment,
  RuntimeBase,
  RuntimeEnvironment,
  Screen,
  TrackingTransparency,
  TvosRuntimeEnvironment,
  UnknownRuntimeEnvironment,
  XboxRuntimeEnvironment,
} from '../runtime-environment'
import { type Field, type Fields, map, object, required, variants } from './field'
import { deviceIdentities } from './identities'
import { flag, int32, int64, known, raw, text, textMap, word } from './scalars'

const base: Fields<RuntimeBase> = {
  is_debug: flag,
  client_ip_address: text,
  sdk_version: text,
  http_header_user_agent: text,
  identities: deviceIdentities,
  build_id: text,
  brand: text,
  product: text,
  name: text,
  os_version: text,
  locale_language: text,
  locale_country: text,
  timezone_offset: int32,
  application_name: text,
  application_version: text,
  application_package: text,
}

const device: Fields<Device> = {
  manufacturer: text,
  model: text,
  country: text,
  timezone_name: text,
}

const screen: Fields<Screen> = { screen_height: int32, screen_width: int32 }

const network: Fields<Network> = {
  network_country: text,
  network_carrier: text,
  network_code: text,
  network_mobile_country_code: text,
}

const radios: Fields<Radios> = {
  screen_dpi: int32,
  is_tablet: flag,
  supports_telephony: flag,
  has_nfc: flag,
  bluetooth_enabled: flag,
  bluetooth_version: text,
}

const tracking: Fields<TrackingTransparency> = {
  att_authorization_status: word(trackingAuthorizations),
  att_timestamp_unixtime_ms: int64,
}

const generic = { ...base, ...device, ...screen, ...radios }

const genericOf = (type: GenericRuntimeEnvironment['type']) =>
  object<GenericRuntimeEnvironment>({ type: required(known([type])), ...generic })

/** An unknown environment is read like a generic one, and keeps its type. */
const other: Field<UnknownRuntimeEnvironment> = object<UnknownRuntimeEnvironment>({
  type: required(
    { read: (value) => raw.read({ type: value })?.type, check: raw.check },
    () => raw.read({ type: '' })?.type
  ),
  ...generic,
})

export const runtimeEnvironment = variants<RuntimeEnvironment, UnknownRuntimeEnvironment>(
  {
    android: object<AndroidRuntimeEnvironment>({
      type: required(known(['android'])),
      ...generic,
      ...network,
      android_sdk_level: int32,
      install_referrer: text,
    }),
    ios: object<IosRuntimeEnvironment>({
      type: required(known(['ios'])),
      ...base,
      ...device,
      ...screen,
      ...network,
      ...tracking,
      cpu_architecture: text,
      is_tablet: flag,
      radio_access_technology: text,
      is_sandboxed: flag,
      apple_search_ads_attribution: map(textMap),
    }),
    tvos: object<TvosRuntimeEnvironment>({
      type: required(known(['tvos'])),
      ...base,
      ...device,
      ...screen,
      ...tracking,
      cpu_architecture: text,
    }),
    mobileweb: object<MobileWebRuntimeEnvironment>({
      type: required(known(['mobileweb'])),
      ...base,
      ...screen,
      ...network,
      device_manufacturer: text,
      device_model: text,
      device_country: text,
      screen_dpi: int32,
      is_tablet: flag,
      radio_access_technology: text,
      push_token: text,
      limit_ad_tracking: text,
      is_dst: text,
    }),
    roku: object<RokuRuntimeEnvironment>({
      type: required(known(['roku'])),
      ...base,
      ...device,
      cpu_architecture: text,
    }),
    xbox: object<XboxRuntimeEnvironment>({
      type: required(known(['xbox'])),
      ...base,
      ...device,
      ...screen,
      cpu_architecture: text,
    }),
    firetv: object<FireTvRuntimeEnvironment>({
      type: required(known(['firetv'])),
      ...base,
      ...device,
      ...screen,
      cpu_architecture: text,
    }),
    unknown: genericOf('unknown'),
    alexa: genericOf('alexa'),
    smarttv: genericOf('smarttv'),
  },
  other
)
