import { eventTypes } from '../../sdk/firehose/names'
import type { Permissions, Registration } from '../../sdk/firehose/registration'
import type { JsonObject } from '../../worker/base/json'
import type { Applied } from '../../worker/connections/context'
import { applyFirehose } from '../../worker/connections/firehose/apply-firehose'
import type { FirehoseFacts } from '../../worker/connections/firehose/facts'
import { mergeParts, type Part } from '../../worker/connections/outbound'
import registered from '../fixtures/firehose/mapping/web.registration.json'
import { mpid, partOf } from './outbound'

/** A registration as the example's, which allows nothing and wants every event. */
export const registration = (
  permissions: Permissions = {},
  wanted: Registration['event_processing_registration'] = {}
): Registration => ({
  name: 'Acme',
  version: '1.0',
  permissions,
  event_processing_registration: {
    supported_event_types: [...eventTypes],
    supported_system_notification_types: ['gdpr_consent_state', 'ccpa_consent_state'],
    max_data_age_hours: -1,
    push_messaging_provider_id: 'acme',
    ...wanted,
  },
})

/** The registration of the worked example. */
export const exampleRegistration = registered as unknown as Registration

/** Everything that an integration may be allowed. */
export const everything: Permissions = {
  user_identities: [
    { type: 'customer', encoding: 'raw' },
    { type: 'email', encoding: 'sha256' },
    { type: 'other2', encoding: 'md5' },
  ],
  device_identities: [
    { type: 'ios_vendor_id', encoding: 'raw' },
    { type: 'android_id', encoding: 'sha1' },
    { type: 'google_cloud_messaging_token', encoding: 'raw' },
  ],
  partner_identities: [{ type: 'Acme_uid', encoding: 'raw' }],
  allow_access_location: true,
  allow_access_ip_address: true,
  allow_access_http_user_agent: true,
  allow_access_device_application_stamp: true,
  allow_access_mpid: true,
  allow_device_info: true,
  allow_user_attributes: true,
  allow_audience_user_attributes: true,
  allow_consent_state: true,
  allow_platform_fields: true,
  allow_eventless_batches: true,
}

export const factsOf = (
  given: Registration,
  changed: Partial<FirehoseFacts> = {}
): FirehoseFacts => ({
  connection: 'to-acme',
  registration: given,
  module_id: '123',
  account: {},
  ...changed,
})

/** Uploads as an integration of this registration gets them. */
export const converted = (
  parts: Part[],
  given: Registration,
  changed: Partial<FirehoseFacts> & { include_historical?: boolean; id?: string } = {}
): Applied => {
  const { include_historical = false, id = 'hand-off', ...facts } = changed
  const merged = mergeParts(parts, mpid)
  if (!merged) throw new Error('Nothing to merge.')
  const settings = { include_historical, firehose: factsOf(given, facts) }
  return applyFirehose(merged, settings, { id, mpid })
}

/** An `event_processing_request` as its receiver parses it. */
export interface EventRequest extends JsonObject {
  events: JsonObject[]
  runtime_environment: JsonObject
}

/** The one request that a body becomes. */
export const requestOf = (
  body: object | string,
  given: Registration,
  changed: Parameters<typeof converted>[2] & { part?: Partial<Part> } = {}
): EventRequest => {
  const { part, ...facts } = changed
  const { deliveries } = converted([partOf(body, part)], given, facts)
  const [only] = deliveries
  if (!only || deliveries.length > 1) throw new Error(`${deliveries.length} deliveries, not one.`)
  return JSON.parse(only.text)
}
