import { fnv1a64Hex } from '../../base/hash'
import type { JsonObject } from '../../base/json'
import type { WebSdk } from './settings'

// Flags of the mParticle web SDK are strings, and its switches exactly these.
const flag = (isOn: boolean): string => (isOn ? 'True' : 'False')

export interface WebSdkApp extends WebSdk {
  key: string
  /** Told as `application_name`; undefined or empty leaves the page its own. */
  name: string | undefined
}

/** What the mParticle web SDK is told to do. It lays the answer over the page's own configuration. */
export const webSdkConfig = (app: WebSdkApp): JsonObject => {
  return {
    ...(app.name ? { appName: app.name } : {}),
    // Names what the SDK keeps in the browser. Made of the key, so that it is the same when the
    // workspace could not be read: under another name the visitor would be a new device.
    workspaceToken: fnv1a64Hex(app.key).toUpperCase(),
    serviceUrl: '',
    secureServiceUrl: '',
    minWebviewBridgeVersion: 2,
    kitConfigs: [],
    pixelConfigs: [],
    flags: {
      eventsV3: '100',
      eventBatchingIntervalMillis: String(app.upload_interval_ms),
      offlineStorage: app.offline_storage ? '100' : '0',
      reportBatching: flag(false),
      // On, the SDK would leave for the vendor's own hosts.
      directURLRouting: flag(false),
      cacheIdentity: flag(false),
      audienceAPI: flag(false),
      captureIntegrationSpecificIds: flag(app.capture_integration_ids),
      'captureIntegrationSpecificIds.V2': app.capture_integration_ids ? 'all' : 'none',
      astBackgroundEvents: flag(app.background_events),
    },
  }
}
