import { isObject, type Json, type JsonObject, omit } from '../../base/json'
import { type BatchEvent, type CheckedBatch, isEvent } from '../../batch'

// What tells who a user is, or that two uploads are of one.
const personal = new Set([
  'mpid',
  'mp_deviceid',
  'device_application_stamp',
  'user_identities',
  'partner_identities',
  'hashed_identities',
  'unread_identities',
  'subject_identities',
  'user_attributes',
  'user_attribute_lists',
  'deleted_user_attributes',
  'integration_attributes',
  'ip',
  'client_ip_address',
  'user_agent',
  'http_header_user_agent',
  'location',
  'session_uuid',
  'session_id',
  'previous_mpid',
  'current_mpid',
  'registration_token',
  'hardware_id',
])
// The owner's own words: an attribute that happens to be called `location` says where no one is.
const content = new Set(['custom_attributes', 'custom_flags', 'attributes'])
// Of a device, what many have alike; identifiers are among the rest.
const shared = [
  'platform',
  'os_version',
  'device_manufacturer',
  'device_model',
  'locale_language',
  'locale_country',
]
const changes = new Set(['user_attribute_change', 'user_identity_change'])

const stripped = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(stripped)
  if (!isObject(value)) return value
  const { data } = value
  const isChange = isEvent(value) && changes.has(value.event_type) && isObject(data)
  const shown = isChange
    ? { ...value, data: omit(data, ['new', 'old', 'added', 'removed']) }
    : value
  return fieldsOf(shown)
}

const fieldsOf = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object).flatMap(([name, value]): [string, Json | undefined][] => {
      if (personal.has(name)) return []
      if (value === undefined || content.has(name)) return [[name, value]]
      if (name === 'device_info') return [[name, sharedOf(value)]]
      return [[name, stripped(value)]]
    })
  )

const sharedOf = (device: Json): Json =>
  isObject(device)
    ? Object.fromEntries(Object.entries(device).filter(([name]) => shared.includes(name)))
    : null

/**
 * A batch of nobody's: without identities, attributes of the user, addresses, places, and whatever
 * else would tell that two batches are of one user. Events keep their own attributes.
 */
export const stripBatch = ({ batch }: CheckedBatch): CheckedBatch => {
  const bare = fieldsOf(batch)
  const events: BatchEvent[] = Array.isArray(bare.events) ? bare.events.filter(isEvent) : []
  return { batch: bare, events, problems: [] }
}
