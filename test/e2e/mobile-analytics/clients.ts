import { createRequire } from 'node:module'

// The clients are CommonJS of a time before types; these are the parts of them that tests use.

export interface ClientError {
  code: string
  statusCode?: number
  message: string
}

interface PutEvents {
  promise(): Promise<unknown>
}

interface MobileAnalytics {
  putEvents(params: object): PutEvents
}

interface Aws {
  MobileAnalytics: new (options: object) => MobileAnalytics
  Credentials: new (id: string, secret: string, token?: string) => object
}

type Submitted = (error: ClientError | null, data: unknown, batch: string) => void

export interface Manager {
  outputs: { batchIndex: string[]; isThrottled?: boolean }
  recordEvent(type: string, attributes?: object, metrics?: object): object | null
  recordMonetizationEvent(details: object): object | null
  stopSession(): void
  submitEvents(options?: { submitCallback: Submitted }): unknown[]
}

interface Ama {
  Manager: new (options: object) => Manager
}

const require = createRequire(import.meta.url)

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1'
export const aws: Aws = require('aws-sdk')
export const ama: Ama = require('aws-sdk-mobile-analytics')

export const demoKey = { id: 'demo-mobile-key', secret: 'demo-mobile-secret' }

/** Options of both clients that lead them to a collector. */
export const clientOptions = (
  endpoint: string,
  { id = demoKey.id, secret = demoKey.secret, token = '', ...options } = {}
) => ({
  endpoint,
  region: 'us-east-1',
  credentials: new aws.Credentials(id, secret, ...(token ? [token] : [])),
  ...options,
})

/** Managers of one process share what they keep, as if they were tabs of one browser. */
export const forgetManagers = (): void => {
  Reflect.deleteProperty(globalThis, 'AWSMobileAnalyticsStorage-demo-app')
}

let count = 0

/** A manager that sends when told to. Each is an installation of its own. */
export const makeManager = (endpoint: string, title: string, options: object = {}): Manager => {
  count += 1
  forgetManagers()
  return new ama.Manager({
    appId: 'demo-app',
    clientId: `${title}-${count}`,
    appTitle: title,
    platform: 'Android',
    autoSubmitEvents: false,
    clientOptions: { ...clientOptions(endpoint), retryDelayOptions: { base: 1 }, ...options },
  })
}

/** Sends what a manager has, and tells how that ended. */
export const submit = (manager: Manager): Promise<ClientError | null> =>
  new Promise((done, fail) => {
    const sent = manager.submitEvents({ submitCallback: (error) => done(error) })
    if (sent.length === 0) fail(new Error('The manager did not send.'))
  })
