import type { ClientOptions } from './options'
import type { Store } from './storage'
import { ATTRIBUTES, IDENTITIES, readMap } from './user'
import { uuid } from './uuid'

declare const WEIR_VERSION: string

const deviceId = (store: Store): string => {
  const stored = store.get('device')
  if (stored) return stored
  const id = uuid()
  store.set('device', id)
  return id
}

/** A batch but for its events and the time of sending, as JSON. */
export const envelope = (options: ClientOptions, store: Store, requestId: string): string =>
  JSON.stringify({
    source_request_id: requestId,
    environment: options.environment ?? 'production',
    mp_deviceid: deviceId(store),
    sdk_version: WEIR_VERSION,
    application_info: options.app && {
      application_name: options.app.name,
      application_version: options.app.version,
      package: options.app.package,
    },
    device_info: {
      platform: 'web',
      screen_width: globalThis.screen?.width,
      screen_height: globalThis.screen?.height,
    },
    user_attributes: readMap(store, ATTRIBUTES),
    user_identities: readMap(store, IDENTITIES),
  })
