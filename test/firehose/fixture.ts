import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../fixtures/firehose')

export const readFixture = (name: string): string => readFileSync(join(folder, name), 'utf8')

export const parseFixture = (name: string): Record<string, unknown> => JSON.parse(readFixture(name))

export const envelope = {
  id: '438b0f74-8656-4f87-93c7-c9f9ac8a5544',
  timestamp_ms: 1714592744067,
  firehose_version: '3.2.0',
}
export const registrationRequest = { type: 'module_registration_request', ...envelope }
export const eventRequest = {
  type: 'event_processing_request',
  ...envelope,
  account: { account_id: 1, account_settings: { apiKey: 'k' } },
  events: [],
}
export const subscriptionRequest = {
  type: 'audience_subscription_request',
  ...envelope,
  account: { account_id: 1 },
  audience_id: 7,
  audience_name: 'Buyers',
  action: 'add',
}
export const dsrRequest = {
  type: 'dsr_processing_request',
  ...envelope,
  account: { account_id: 1 },
  subject_request_id: 'a7551968-d5d6-44b2-9831-815ac9017798',
  subject_request_type: 'erasure',
  submitted_time: '2024-05-01T19:45:44Z',
  subject_identities: { email: { encoding: 'raw', value: 'jane@shop.example' } },
  api_version: '3.0',
  regulation: 'gdpr',
}

export const eventBase = {
  id: 'f93adf6a-be2c-4dd9-be7a-3bac9a0987ee',
  timestamp_ms: 1714592744066,
}

const email = { type: 'email', encoding: 'raw', value: 'jane@shop.example' }
const product = { id: 'sku', name: 'Boot', position: 1, price: 19.99, attributes: { size: '44' } }

/** An event of each type, with all fields of the type. */
export const events = [
  { type: 'session_start', ...eventBase, session_id: 5 },
  { type: 'session_end', ...eventBase, session_length_ms: 336000 },
  {
    type: 'custom_event',
    ...eventBase,
    name: 'Search',
    custom_event_type: 'search',
    attributes: { term: 'shoes' },
    custom_flags: { 'Acme.kind': 'a' },
  },
  { type: 'screen_view', ...eventBase, screen_name: 'Home', attributes: { page: '/' } },
  {
    type: 'error',
    ...eventBase,
    message: 'x',
    is_crash: false,
    stack_trace: 'at a',
    breadcrumbs: ['b'],
  },
  {
    type: 'privacy_setting_change',
    ...eventBase,
    setting: 'app_data_collection',
    is_enabled: false,
  },
  { type: 'user_attribute_change', ...eventBase, added: { vip: 'true' }, removed: { vip: 'no' } },
  { type: 'user_identity_change', ...eventBase, added: [email], removed: [email] },
  { type: 'push_subscription', ...eventBase, action: 'subscribe', token: 't' },
  {
    type: 'application_state_transition',
    ...eventBase,
    application_state: 'install',
    launch_referral: 'r',
    referral_application: 'a',
    launch_parameters: 'p',
    source_package: 's',
  },
  { type: 'push_message_receipt', ...eventBase, payload: '{"Acme":1}' },
  { type: 'push_message_open', ...eventBase, payload: '{"Acme":1}' },
  {
    type: 'product_action',
    ...eventBase,
    action: 'remove_from_wish_list',
    transaction_id: 't-1',
    total_amount: 89.96,
    tax_amount: 0,
    currency_code: 'USD',
    products: [product],
  },
  {
    type: 'promotion_action',
    ...eventBase,
    action: 'click',
    promotions: [{ id: 'p', creative: 'c', position: 'top' }],
  },
  {
    type: 'impression',
    ...eventBase,
    impressions: [{ impression_list_name: 'grid', products: [product] }],
  },
  { type: 'attribution', ...eventBase, name: 'install', publisher_name: 'AdNet' },
]
