import {
  deviceIdentityTypes,
  eventTypes,
  notificationTypes,
  runtimeTypes,
  userIdentityTypes,
} from '../../../sdk/firehose/names'
import type { IdentityPermission, Registration } from '../../../sdk/firehose/registration'

const raw = <Type extends string>(types: readonly Type[]): IdentityPermission<Type>[] =>
  types.map((type) => ({ type, encoding: 'raw' }))

/**
 * weir's registration as a module: it asks for every permission and event type, for plain
 * identities and events of any age.
 *
 * @param name the module's
 * @param domain the worker's host
 */
export const registrationOf = (name: string, domain: string): Registration => ({
  name,
  version: '1.0',
  description: 'Stores events, audience changes and consents, and hands them on to SQS and S3.',
  permissions: {
    device_identities: raw(deviceIdentityTypes),
    user_identities: raw(userIdentityTypes),
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
  },
  event_processing_registration: {
    supported_event_types: [...eventTypes],
    supported_runtime_environments: [...runtimeTypes],
    supported_system_notification_types: [...notificationTypes],
    max_data_age_hours: -1,
    // Required for push messages: mParticle sends only those whose payload has this key.
    push_messaging_provider_id: name,
  },
  audience_processing_registration: {
    // Small and frequent requests, since each profile of one is stored by itself.
    bulk_configuration: { bulk_forward_wait_for_messages: 100, bulk_forward_wait_in_minutes: 1 },
  },
  dsr_processing_registration: { supported_dsr_types: ['erasure'], domain },
})
