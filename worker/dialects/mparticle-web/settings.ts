import { readStoredSettings, settings, type Values } from '../../settings'

/** The identities with which a user counts as logged in, where the input does not name others. */
export const loginIdentities = ['customer_id', 'email']

const webSdkSettings = settings({
  upload_interval_ms: {
    type: 'number',
    label: 'Upload Interval',
    help: 'How long the SDK collects events for an upload. Below 500 it uploads each event by itself.',
    default: 5000,
    unit: 'ms',
    min: 0,
    max: 3_600_000,
  },
  offline_storage: {
    type: 'switch',
    label: 'Offline Storage',
    help: 'Keep unsent batches in the browser, where they survive a crash of the page. Of several uploads that fail at the same time, the SDK keeps only one.',
    default: false,
  },
  background_events: {
    type: 'switch',
    label: 'Background Events',
    help: 'Record that a visitor leaves the page.',
    default: true,
  },
  capture_integration_ids: {
    type: 'switch',
    label: 'Capture Integration IDs',
    help: 'Collect the click ids of advertisers from addresses and cookies.',
    default: false,
  },
})

export type WebSdk = Values<typeof webSdkSettings>

/** For pages of inputs that do not set it. */
export const defaultWebSdk = (): WebSdk => readStoredSettings(webSdkSettings, {})

/** What is set on an input for mParticle's web SDK. */
export const mparticleWebSettings = settings({
  login_identities: {
    type: 'list',
    label: 'Login Identities',
    help: `Types of identities. mParticle's web SDK counts a user who has one of them as logged in. Not set: ${loginIdentities.join(' and ')}.`,
  },
  web_sdk: {
    type: 'group',
    label: "mParticle's web SDK",
    help: 'The configuration that the SDK loads with a page. The SDK of weir needs none of it.',
    rows: webSdkSettings,
  },
})
