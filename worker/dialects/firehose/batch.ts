import { isObject, type Json, type JsonObject, omit, stringifyJson } from '../../base/json'
import type { Batch, CheckedBatch } from '../../batch'
import { readConsent, readNotifications } from './consent'
import { readEnvironment } from './device'
import { readEvents } from './events'
import { isFilled, set } from './fields'
import { identityNames, type SortedIdentities, sortIdentities } from './identities'

/** The batch of a message, with the consent changes that mParticle reports. */
export interface FirehoseBatch extends CheckedBatch {
  notifications: JsonObject[]
  /** The batch as JSON text. */
  text: string
}

/** Lists of identities as fields of the batch. */
export const identityFields = ({
  users,
  partners,
  device,
}: {
  users: Json | undefined
  partners: Json | undefined
  device: SortedIdentities
}): JsonObject => {
  const user = sortIdentities(users, identityNames.user)
  const partner = sortIdentities(partners, identityNames.partner)
  const lists = [user, partner, device]
  const fields = {
    user_identities: user.named,
    partner_identities: partner.named,
    hashed_identities: lists.flatMap(({ hashed }) => hashed),
    unread_identities: lists.flatMap(({ unread }) => unread),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isFilled(value)))
}

// Lists become user attributes, except those whose name an attribute has already.
const attributeFields = (attributes: Json | undefined, lists: Json | undefined): JsonObject => {
  if (!isObject(lists) || !(isObject(attributes) || !isFilled(attributes))) {
    return set({ user_attributes: attributes, user_attribute_lists: lists })
  }
  const known = isObject(attributes) ? attributes : {}
  const entries = Object.entries(lists)
  const isFree = ([name]: [string, unknown]): boolean => !Object.hasOwn(known, name)
  const remaining = Object.fromEntries(entries.filter((entry) => !isFree(entry)))
  return {
    user_attributes: { ...known, ...Object.fromEntries(entries.filter(isFree)) },
    ...(isFilled(remaining) ? { user_attribute_lists: remaining } : {}),
  }
}

// The runtime environment has the same facts of the application and takes precedence; platform
// fields that differ from it are kept under their own names.
const platformFields = (fields: Json | undefined, application: Json | undefined): JsonObject => {
  if (!isObject(fields)) return set({ platform_fields: fields, application_info: application })
  const { app_name, app_version, dataplan_id, dataplan_version, ...rest } = fields
  const known = isObject(application) ? application : {}
  const { application_name = app_name, application_version = app_version } = known
  const differing = set({
    app_name: application_name === app_name ? undefined : app_name,
    app_version: application_version === app_version ? undefined : app_version,
  })
  const remaining = { ...rest, ...differing }
  const info = set({ ...known, application_name, application_version })
  const data_plan = set({ plan_id: dataplan_id, plan_version: dataplan_version })
  return {
    ...(isFilled(info) ? { application_info: info } : {}),
    ...(isFilled(data_plan) ? { context: { data_plan } } : {}),
    ...(isFilled(remaining) ? { platform_fields: remaining } : {}),
  }
}

/** All of a message's batch but its events. */
const batchFields = (message: JsonObject, moduleName: string): Batch => {
  const { id, timestamp_ms, source_id, ...further } = message
  const { partner_identities, user_identities, user_attributes, user_attribute_lists } = further
  const { runtime_environment, integration_attributes, consent_state, platform_fields } = further
  const { source_channel, device_application_stamp, system_notifications } = further
  const { fields, identities } = readEnvironment(runtime_environment)
  const { application_info, ...environment } = fields
  const requestId = isFilled(id) ? id : source_id
  return set({
    ...omit(further, convertedFields),
    ...environment,
    ...platformFields(platform_fields, application_info),
    ...identityFields({ users: user_identities, partners: partner_identities, device: identities }),
    ...attributeFields(user_attributes, user_attribute_lists),
    source_request_id: requestId,
    source_id: source_id === requestId ? undefined : source_id,
    timestamp_unixtime_ms: timestamp_ms,
    mp_deviceid: device_application_stamp,
    source_info: isFilled(source_channel) ? { channel: source_channel } : undefined,
    consent_state: readConsent(consent_state),
    system_notifications: Array.isArray(system_notifications)
      ? readNotifications(system_notifications)
      : system_notifications,
    // Only those of this integration, under the module's name, since the message lacks its number.
    integration_attributes: isFilled(integration_attributes)
      ? { [moduleName]: integration_attributes }
      : undefined,
  })
}

const convertedFields = [
  'type',
  'events',
  'partner_identities',
  'user_identities',
  'user_attributes',
  'user_attribute_lists',
  'runtime_environment',
  'integration_attributes',
  'consent_state',
  'platform_fields',
  'source_channel',
  'device_application_stamp',
  'system_notifications',
]

// Far below the largest row that a profile can store.
const maxChars = 524_288

/**
 * Converts an `event_processing_request` to a batch. Fields that a batch does not have keep their
 * names in the nearest object.
 *
 * @param moduleName the key of `integration_attributes`
 */
export const readBatch = (message: JsonObject, moduleName: string): FirehoseBatch => {
  const fields = batchFields(message, moduleName)
  const notifications = readNotifications(message.system_notifications)
  const convert = (keepsEvents: boolean): FirehoseBatch => {
    const { events, problems } = readEvents(message.events, keepsEvents)
    const batch = { ...fields, events }
    return { batch, events, problems, notifications, text: stringifyJson(batch) }
  }
  const converted = convert(false)
  // Each of very many short labels or names becomes an object or an event of its own.
  return converted.text.length > maxChars ? convert(true) : converted
}

const userFields = [
  'user_identities',
  'partner_identities',
  'hashed_identities',
  'unread_identities',
  'user_attributes',
  'user_attribute_lists',
  'integration_attributes',
  'consent_state',
]

/** Whether a message is only a check of the connection: it has no event, change or user. */
export const isProbe = ({ batch, events, problems, notifications }: FirehoseBatch): boolean =>
  events.length === 0 &&
  problems.length === 0 &&
  notifications.length === 0 &&
  !userFields.some((name) => isFilled(batch[name]))
