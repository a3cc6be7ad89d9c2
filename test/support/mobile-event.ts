import { accessKey } from './signing'

/** A client context with the fields that must be there, and these. */
export const contextOf = (fields: Record<string, unknown> = {}, app_id = 'demo-app') => ({
  client: { client_id: 'c6a63c8f-955b-b995-6b09-612ba7060ce6' },
  services: { mobile_analytics: { app_id } },
  ...fields,
})

/** An event that keeps to all constraints. */
export const mobileEvent = (eventType: string, fields: Record<string, unknown> = {}) => ({
  eventType,
  timestamp: '2026-11-21T02:50:19.105Z',
  version: 'v2.0',
  ...fields,
})

/** The settings of an input that takes what `putEvents` sends. */
export const mobileInput = (fields: Record<string, unknown> = {}) => ({
  mobile_analytics: { app_id: 'demo-app', access_keys: [accessKey], ...fields },
})
