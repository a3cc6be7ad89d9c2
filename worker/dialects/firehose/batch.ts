import { isObject, type Json, type JsonObject, omit, stringifyJson } from '../../base/json'
import type { Batch, CheckedBatch } from '../../batch'
import { readConsent, readNotifications } from './consent'
import { readEnvironment } from './device'
import { readEvents } from './events'
import { isSaid, set } from './fields'
import { identityNames, type SortedIdentities, sortIdentities } from './identities'

/** A batch that came by a message, and what its sender says of consents that changed. */
export interface FirehoseBatch extends CheckedBatch {
  notifications: JsonObject[]
  /** The batch as JSON. */
  text: string
}

/** The identities of some lists as fields of the batch: those of the user by name. */
export const identityFields = (lists: {
  user: Json | undefined
  partner: Json | undefined
  device: SortedIdentities
}): JsonObject => {
  const user = sortIdentities(lists.user, identityNames.user)
  const partner = sortIdentities(lists.partner, identityNames.partner)
  const all = [user, partner, lists.device]
  const fields = {
    user_identities: user.named,
    partner_identities: partner.named,
    hashed_identities: all.flatMap((one) => one.hashed),
    unread_identities: all.flatMap((one) => one.unread),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSaid(value)))
}

// A list whose name an attribute has, too, stays beside.
const attributeFields = (attributes: Json | undefined, lists: Json | undefined): JsonObject => {
  if (!isObject(lists) || !(isObject(attributes) || !isSaid(attributes))) {
    return set({ user_attributes: attributes, user_attribute_lists: lists })
  }
  const known = isObject(attributes) ? attributes : {}
  const entries = Object.entries(lists)
  const isFree = ([name]: [string, unknown]): boolean => !Object.hasOwn(known, name)
  const beside = Object.fromEntries(entries.filter((one) => !isFree(one)))
  return {
    user_attributes: { ...known, ...Object.fromEntries(entries.filter(isFree)) },
    ...(isSaid(beside) ? { user_attribute_lists: beside } : {}),
  }
}

// What the environment says of the application is the same, and where it says nothing this does.
const platformFields = (fields: Json | undefined, application: Json | undefined): JsonObject => {
  if (!isObject(fields)) return set({ platform_fields: fields, application_info: application })
  const { app_name, app_version, dataplan_id, dataplan_version, ...rest } = fields
  const known = isObject(application) ? application : {}
  const { application_name = app_name, application_version = app_version } = known
  const differing = set({
    app_name: application_name === app_name ? undefined : app_name,
    app_version: application_version === app_version ? undefined : app_version,
  })
  const left = { ...rest, ...differing }
  const info = set({ ...known, application_name, application_version })
  const data_plan = set({ plan_id: dataplan_id, plan_version: dataplan_version })
  return {
    ...(isSaid(info) ? { application_info: info } : {}),
    ...(isSaid(data_plan) ? { context: { data_plan } } : {}),
    ...(isSaid(left) ? { platform_fields: left } : {}),
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
  const requestId = isSaid(id) ? id : source_id
  return set({
    ...omit(further, consumed),
    ...environment,
    ...platformFields(platform_fields, application_info),
    ...identityFields({ user: user_identities, partner: partner_identities, device: identities }),
    ...attributeFields(user_attributes, user_attribute_lists),
    source_request_id: requestId,
    source_id: source_id === requestId ? undefined : source_id,
    timestamp_unixtime_ms: timestamp_ms,
    mp_deviceid: device_application_stamp,
    source_info: isSaid(source_channel) ? { channel: source_channel } : undefined,
    consent_state: readConsent(consent_state),
    system_notifications: Array.isArray(system_notifications)
      ? readNotifications(system_notifications)
      : system_notifications,
    // Of a message's own integration only, whose number among mParticle's it does not tell.
    integration_attributes: isSaid(integration_attributes)
      ? { [moduleName]: integration_attributes }
      : undefined,
  })
}

const consumed = [
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

// Far below what a row of a profile takes.
const mostChars = 524_288

/**
 * An `event_processing_request` as a batch. What has no place in a batch keeps its name, in the
 * object that is nearest; what the account is configured to does not come along.
 *
 * @param moduleName under which the integration's own attributes are kept
 */
export const readBatch = (message: JsonObject, moduleName: string): FirehoseBatch => {
  const fields = batchFields(message, moduleName)
  const notifications = readNotifications(message.system_notifications)
  const make = (areAsTheyCame: boolean): FirehoseBatch => {
    const { events, problems } = readEvents(message.events, areAsTheyCame)
    const batch = { ...fields, events }
    return { batch, events, problems, notifications, text: stringifyJson(batch) }
  }
  const made = make(false)
  // A message of nothing but labels or names becomes many times as large.
  return made.text.length > mostChars ? make(true) : made
}

const user = [
  'user_identities',
  'partner_identities',
  'hashed_identities',
  'unread_identities',
  'user_attributes',
  'user_attribute_lists',
  'integration_attributes',
  'consent_state',
]

/** Whether a message only asks whether it is answered: it tells of no event, change or user. */
export const isProbe = ({ batch, events, problems, notifications }: FirehoseBatch): boolean =>
  events.length === 0 &&
  problems.length === 0 &&
  notifications.length === 0 &&
  !user.some((name) => isSaid(batch[name]))
