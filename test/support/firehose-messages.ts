import android from '../fixtures/firehose/EventProcessingRequest_android.json'

/** Messages of mParticle's Firehose, as its input gets them. */

/** A request of a type, with a new id, and these fields. */
export const messageOf = (type: string, fields: Record<string, unknown> = {}) => ({
  type,
  id: crypto.randomUUID(),
  timestamp_ms: 1714592744066,
  firehose_version: '3.2.0',
  account: { account_id: 123456, account_settings: { apiKey: 'sample API Key' } },
  ...fields,
})

export const eventsOf = (events: unknown, fields: Record<string, unknown> = {}) =>
  messageOf('event_processing_request', { events, ...fields })

/** An event of the protocol, with a time and these fields. */
export const eventOf = (type: string, fields: Record<string, unknown> = {}) => ({
  type,
  id: crypto.randomUUID(),
  timestamp_ms: 1714592744066,
  ...fields,
})

/** The SDK's own example, under a new id and about a user of its own. */
export const androidMessage = (fields: Record<string, unknown> = {}) => ({
  ...android,
  id: crypto.randomUUID(),
  mpid: String(Math.floor(Math.random() * 2 ** 50) + 1),
  ...fields,
})

/** A request to erase whom these identities name. */
export const subjectRequest = (
  identities: Record<string, string>,
  fields: Record<string, unknown> = {}
) => ({
  ...messageOf('dsr_processing_request'),
  subject_request_id: crypto.randomUUID(),
  subject_request_type: 'erasure',
  submitted_time: '2026-11-20T10:11:12Z',
  subject_identities: Object.fromEntries(
    Object.entries(identities).map(([type, value]) => [type, { encoding: 'raw', value }])
  ),
  api_version: '3.0',
  regulation: 'gdpr',
  ...fields,
})
