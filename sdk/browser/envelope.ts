import type { ClientOptions } from './options'
import type { State } from './storage'
import { readUser } from './user'
import { uuid } from './uuid'

declare const WEIR_VERSION: string

export const DEVICE = 'device'

/** Created at first use, so that a page that records nothing stores nothing. */
export const deviceId = (store: State): string => {
  const id = store.get(DEVICE) || uuid()
  store.set(DEVICE, id)
  return id
}

/** A batch without its events and its time of sending, as JSON. */
export const envelope = (
  { environment, app }: ClientOptions,
  store: State,
  requestId: string
): string => {
  // Web workers have no screen.
  const { width, height } = globalThis.screen ?? {}
  return JSON.stringify({
    source_request_id: requestId,
    environment,
    mp_deviceid: deviceId(store),
    sdk_version: WEIR_VERSION,
    application_info: app,
    device_info: { platform: 'web', screen_width: width, screen_height: height },
    ...readUser(store),
  })
}
