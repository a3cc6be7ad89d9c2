import { isObject, type Json, type JsonObject, omit } from '../../base/json'
import { type BatchEvent, type CheckedBatch, isEvent } from '../../batch'

// Fields that identify a user, or link two uploads of the same user.
const personalFields = new Set([
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
// Maps with names of the owner's choice, in which a name such as `location` means something else.
const customMaps = new Set(['custom_attributes', 'custom_flags', 'attributes'])
// The fields of a device that many have in common. All others may be identifiers.
const commonDeviceFields = [
  'platform',
  'os_version',
  'device_manufacturer',
  'device_model',
  'locale_language',
  'locale_country',
]
// Events whose data holds the value of an attribute or an identity.
const changeEvents = new Set(['user_attribute_change', 'user_identity_change'])
const changeValues = ['new', 'old', 'added', 'removed']

const stripValue = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(stripValue)
  if (!isObject(value)) return value
  const { data } = value
  const isChange = isEvent(value) && changeEvents.has(value.event_type) && isObject(data)
  return stripFields(isChange ? { ...value, data: omit(data, changeValues) } : value)
}

const stripFields = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object).flatMap(([name, value]): [string, Json | undefined][] => {
      if (personalFields.has(name)) return []
      if (value === undefined || customMaps.has(name)) return [[name, value]]
      if (name === 'device_info') return [[name, stripDevice(value)]]
      return [[name, stripValue(value)]]
    })
  )

const stripDevice = (device: Json): Json =>
  isObject(device)
    ? Object.fromEntries(
        Object.entries(device).filter(([name]) => commonDeviceFields.includes(name))
      )
    : null

/**
 * An anonymous batch: without identities, user attributes, addresses, locations, sessions and all
 * else that links two batches of the same user. Events keep their own attributes.
 */
export const stripBatch = ({ batch }: CheckedBatch): CheckedBatch => {
  const stripped = stripFields(batch)
  const events: BatchEvent[] = Array.isArray(stripped.events) ? stripped.events.filter(isEvent) : []
  return { batch: stripped, events, problems: [] }
}
