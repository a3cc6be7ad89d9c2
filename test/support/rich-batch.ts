import type { EdgeFacts } from '../../worker/batch'

/** Every event type of the batch's documentation, and one that nobody knows. */
export const eventTypes = [
  'session_start',
  'application_state_transition',
  'first_run',
  'screen_view',
  'crash_report',
  'breadcrumb',
  'network_performance',
  'custom_event',
  'push_registration',
  'push_message',
  'push_reaction',
  'commerce_event',
  'user_attribute_change',
  'user_identity_change',
  'opt_out',
  'uninstall',
  'profile',
  'pre_attribution',
  'validation_result',
  'hologram_view',
  'session_end',
]

const place = { latitude: 52.52, longitude: 13.4 }
const firstMs = Date.UTC(2026, 10, 19, 23, 59)
const sessionUuid = '84E1B361-A282-4ADF-8A6D-1D31E6DD5A9E'

const eventOf = (event_type: string, index: number) => ({
  event_type,
  data: {
    timestamp_unixtime_ms: firstMs + index * 1000,
    session_uuid: sessionUuid,
    custom_attributes: { index },
    ...(event_type === 'screen_view' || event_type === 'custom_event' ? { location: place } : {}),
  },
})

const user = {
  environment: 'development',
  mpid: '7346244611012968789',
  source_request_id: '769D83CB-8C60-48F9-A0C1-C38CF1B40A4F',
  user_attributes: { plan: 'pro', 'beta tester': null, colours: ['teal', 'sand'] },
  deleted_user_attributes: ['temporary'],
  user_identities: { email: 'ada@example.org', customer_id: 'cust-42' },
  integration_attributes: { '128': { MCID: 'abc' } },
  device_info: { platform: 'web', device: 'Ada’s tablet', screen_width: 1280 },
  application_info: { application_name: 'Demo Shop', package: 'org.example.shop' },
  consent_state: { gdpr: { analytics: { consented: true, timestamp_unixtime_ms: firstMs } } },
  context: { data_plan: { plan_id: 'shop', plan_version: 2 } },
  ip: '203.0.113.9',
  mp_deviceid: 'e4c07f48-7aff-48a2-b5fa-891bef04778e',
  sdk_version: '2.68.0',
  a_field_of_tomorrow: { deep: [1, { deeper: true }] },
}

const server: EdgeFacts = { channel: 'server_to_server' }

/** What a day brings a connection: together, these show the effect of every setting. */
export const day = {
  rich: { body: { ...user, events: eventTypes.map(eventOf) }, edge: server },
  eventless: {
    body: { ...user, events: [] },
    edge: { channel: 'javascript', location: { latitude: -33.9, longitude: 18.4 } } as EdgeFacts,
  },
  historical: {
    body: {
      ...user,
      context: { location: { latitude: 1, longitude: 2 } },
      events: [eventOf('custom_event', 0), { event_type: 'custom_event', data: {} }],
    },
    edge: { ...server, is_historical: true },
  },
  android: {
    body: {
      ...user,
      device_info: { platform: 'Android' },
      events: [eventOf('session_start', 0), eventOf('custom_event', 0), eventOf('session_end', 1)],
    },
    edge: server,
    /** The place of what its input made of the session's start for those who keep it. */
    kept: 1,
  },
}

export type DayBatch = keyof typeof day

export const aliasRequest = {
  request_id: '0f4f3f2e-7a3f-4f7e-9c55-5a2f8d5c7b11',
  request_type: 'alias',
  environment: 'development',
  api_key: 'demo-web-key',
  data: {
    destination_mpid: '7346244611012968789',
    source_mpid: '-1096377938905861812',
    start_unixtime_ms: firstMs,
    end_unixtime_ms: firstMs + 1000,
    scope: 'device',
    device_application_stamp: 'e4c07f48-7aff-48a2-b5fa-891bef04778e',
  },
}
