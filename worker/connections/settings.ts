import { settings, type Values } from '../settings'

/** The connection settings that every output shares, in the order the documents list them. */
export const sharedSettings = settings({
  unique_id: {
    type: 'text',
    label: 'Unique ID',
    help: 'Sent as unique_id with every batch. Left out when empty.',
    source: 'sqs, s3',
  },
  metadata_field_exclusion: {
    type: 'list',
    label: 'Metadata Field Exclusion',
    help: 'device_name removes device_info.device, ip_address removes ip.',
    choices: [
      { value: 'device_name', label: 'Device Name' },
      { value: 'ip_address', label: 'IP Address' },
    ],
    default: [],
    source: 'sqs, s3',
  },
  send_lifecycle_events: {
    type: 'switch',
    label: 'Send Lifecycle Events',
    help: 'Forward session_start, session_end, application_state_transition and first_run.',
    default: true,
    source: 'sqs, s3',
  },
  send_screen_views: {
    type: 'switch',
    label: 'Send Screen Views',
    help: 'Forward screen_view.',
    default: true,
    source: 'sqs, s3',
  },
  send_crash_events: {
    type: 'switch',
    label: 'Send Crash Events',
    help: 'Forward crash_report and breadcrumb.',
    default: true,
    source: 'sqs, s3',
  },
  send_network_performance_events: {
    type: 'switch',
    label: 'Send Network Performance Events',
    help: 'Forward network_performance.',
    default: true,
    source: 'sqs, s3',
  },
  send_custom_events: {
    type: 'switch',
    label: 'Send Custom Events',
    help: 'Forward custom_event.',
    default: true,
    source: 'sqs, s3',
  },
  send_push_events: {
    type: 'switch',
    label: 'Send Push Registrations and Receipts',
    help: 'Forward push_registration, push_message and push_reaction.',
    default: true,
    source: 'sqs, s3',
  },
  send_commerce_events: {
    type: 'switch',
    label: 'Send Commerce Events',
    help: 'Forward commerce_event.',
    default: true,
    source: 'sqs, s3',
  },
  include_user_attribute_change_events: {
    type: 'switch',
    label: 'Include User Attribute Change Events',
    help: 'Forward user_attribute_change. The attributes themselves are sent either way.',
    default: false,
    source: 'sqs, s3',
  },
  include_user_identity_change_events: {
    type: 'switch',
    label: 'Include User Identity Change Events',
    help: 'Forward user_identity_change. The identities themselves are sent either way.',
    default: false,
    source: 'sqs, s3',
  },
  send_alias_requests: {
    type: 'switch',
    label: 'Send Alias Requests',
    help: 'Forward each alias request as a separate message.',
    default: false,
    source: 's3',
  },
  include_location: {
    type: 'switch',
    label: 'Include Location Information',
    help: 'Off: the location of each event is removed.',
    default: true,
    source: 'sqs, s3',
  },
  include_event_batch_location: {
    type: 'switch',
    label: 'Include Event Batch Location',
    help: "Send context.location: the batch's location, else that of its first event that has one, else that of the IP address.",
    default: false,
    source: 'sqs, s3',
  },
  include_metadata: {
    type: 'switch',
    label: 'Include Metadata',
    help: 'Off: application_info, device_info and source_info are removed.',
    default: true,
    source: 'sqs, s3',
  },
  include_mp_deviceid: {
    type: 'switch',
    label: 'Include MP DeviceId',
    help: 'Send mp_deviceid.',
    default: false,
    source: 'sqs, s3',
  },
  include_consent_state: {
    type: 'switch',
    label: 'Include Consent State',
    help: 'Send consent_state.',
    default: false,
    source: 's3',
  },
  send_batches_without_events: {
    type: 'switch',
    label: 'Send Batches without Events',
    help: 'Off: a batch that has no events, or none left after the filters above, is not forwarded.',
    default: true,
    source: 'sqs, s3',
  },
  send_as_batch: {
    type: 'switch',
    label: 'Send as Batch',
    help: 'On: the events of a device are collected for about ten minutes and sent together. Off: each event is sent by itself when it is received.',
    default: true,
    source: 'sqs, s3',
  },
  keep_session_attributes: {
    type: 'switch',
    label: 'Keep Session Attributes',
    help: 'Mobile Analytics: also forward a _session.start that has attributes or metrics as a custom_event, because a session_start cannot hold them.',
    default: false,
    source: 'weir',
  },
  record_format: {
    type: 'choice',
    label: 'Record Format',
    help: 'What each line or message holds: a batch, or one event as a flattened record of Amazon Mobile Analytics.',
    default: 'batch',
    choices: [
      { value: 'batch', label: 'Batch' },
      { value: 'mobile_analytics_event', label: 'Mobile Analytics event' },
    ],
    source: 'weir',
  },
  include_historical: {
    type: 'switch',
    label: 'Include Historical Batches',
    help: 'Off: batches that were sent to the historical endpoint are not forwarded.',
    default: true,
    source: 'weir',
  },
  retention_hours: {
    type: 'number',
    label: 'Retention',
    help: 'A delivery that still waits this long after it came in becomes a dead letter.',
    default: 336,
    unit: 'hours',
    min: 1,
    max: 8760,
    source: 'weir',
  },
})

export type SharedSettings = Values<typeof sharedSettings>

/** The settings that `apply` reads: the shared ones and those that only some outputs have. */
export type ConnectionSettings = SharedSettings & {
  /** Whether the output takes messages; otherwise files of lines. */
  isQueue: boolean
  raw_data_feed?: boolean
  wait_for_complete_batch?: boolean
  store_by_date?: string
  max_message_bytes?: number
}
