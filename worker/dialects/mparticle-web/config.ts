import { fnv1a64Hex } from '../../base/hash'
import type { JsonObject } from '../../base/json'
import type { WebSdk } from './settings'

// The mParticle web SDK compares switches with these strings.
const flag = (isOn: boolean): string => (isOn ? 'True' : 'False')

export interface WebSdkApp extends WebSdk {
  key: string
  /** Sent as `application_name`; undefined or empty: the page's own is used. */
  name: string | undefined
}

/** The configuration of the mParticle web SDK, which overrides the page's own. */
export const webSdkConfig = (app: WebSdkApp): JsonObject => {
  return {
    ...(app.name ? { appName: app.name } : {}),
    // The SDK's storage in the browser is named by it, and under another name the visitor would be
    // a new device. It derives from the key, so that it is the same when the workspace cannot be
    // read.
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
      // On, the SDK would send to mParticle's own hosts.
      directURLRouting: flag(false),
      cacheIdentity: flag(false),
      audienceAPI: flag(false),
      captureIntegrationSpecificIds: flag(app.capture_integration_ids),
      'captureIntegrationSpecificIds.V2': app.capture_integration_ids ? 'all' : 'none',
      astBackgroundEvents: flag(app.background_events),
    },
  }
}
