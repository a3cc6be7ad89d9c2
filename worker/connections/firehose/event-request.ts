import { firehoseVersion } from '../../../sdk/firehose/names'
import type { Permissions } from '../../../sdk/firehose/registration'
import { isObject, type Json, type JsonObject, own } from '../../base/json'
import type { Outbound } from '../outbound'
import { consentState, systemNotifications } from './consent'
import type { FirehoseFacts } from './facts'
import {
  deviceIdentities,
  type Identified,
  partnerIdentities,
  readHashes,
  userIdentities,
} from './identities'
import { runtimeEnvironment, runtimeType } from './runtime'
import { int32Of, int64Of, memberTexts, nonEmpty, objectOf, textMap, textOf } from './values'

export const permissionsOf = ({ registration }: FirehoseFacts): Permissions =>
  registration.permissions ?? {}

/** The identities of a batch's user and device that the integration may see. */
export const identified = (
  { fields, identities }: Pick<Outbound, 'fields' | 'identities'>,
  permissions: Permissions
): Identified => {
  const hashes = readHashes(fields.hashed_identities)
  const device = { info: objectOf(fields.device_info), runtime: runtimeType(fields) }
  const partner = objectOf(fields.partner_identities)
  return {
    user_identities: userIdentities(identities, permissions, hashes),
    device_identities: deviceIdentities(device, permissions, hashes),
    partner_identities: partnerIdentities(partner, permissions, hashes),
  }
}

const isList = (value: Json | undefined): value is Json[] => Array.isArray(value)

/**
 * User attributes; lists have their own field, since integrations reject a message with one among
 * the others.
 */
const userAttributes = (value: Json | undefined): JsonObject => {
  const entries = Object.entries(objectOf(value))
  const lists = entries.flatMap(([name, value]) =>
    isList(value) ? [[name, memberTexts(value)]] : []
  )
  return {
    user_attributes: textMap(Object.fromEntries(entries.filter(([, value]) => !isList(value)))),
    user_attribute_lists: lists.length > 0 ? Object.fromEntries(lists) : undefined,
  }
}

export const partnerOf = (fields: JsonObject): string | undefined =>
  textOf(objectOf(fields.source_info).partner) ??
  textOf(objectOf(fields.attribution_info).service_provider)

const platformFields = (fields: JsonObject, { account }: FirehoseFacts): JsonObject | undefined => {
  const plan = objectOf(objectOf(fields.context).data_plan)
  const application = objectOf(fields.application_info)
  const platform = textOf(objectOf(fields.device_info).platform)
  // Set where the input is a Firehose feed.
  const received = objectOf(fields.platform_fields)
  const converted = {
    mp_account_id: int32Of(account.mp_account_id),
    mp_account_name: textOf(account.mp_account_name),
    workspace_id: int32Of(account.workspace_id),
    workspace_name: textOf(account.workspace_name),
    input_name:
      textOf(objectOf(fields.source_info).partner) ?? textOf(received.input_name) ?? platform,
    app_name: textOf(application.application_name),
    app_version: textOf(application.application_version),
    dataplan_id: textOf(plan.plan_id),
    dataplan_name: textOf(received.dataplan_name),
    dataplan_version: int32Of(plan.plan_version),
  }
  return Object.values(converted).some((value) => value !== undefined) ? converted : undefined
}

const channels = ['native', 'javascript', 'pixel', 'partner', 'server_to_server']

const channelOf = (fields: JsonObject): string => {
  const channel = textOf(objectOf(fields.source_info).channel)
  return channel !== undefined && channels.includes(channel) ? channel : 'unknown'
}

const integrationAttributes = (fields: JsonObject, module: string): JsonObject | undefined => {
  const { integration_attributes: all } = fields
  return isObject(all) ? textMap(own(all, module)) : undefined
}

/** An `event_processing_request` without its account and events. */
export const eventRequest = (
  batch: Outbound,
  facts: FirehoseFacts,
  { id, mpid, who }: { id: string; mpid: string; who: Identified }
): JsonObject => {
  const { fields } = batch
  const permissions = permissionsOf(facts)
  const eventRegistration = facts.registration.event_processing_registration
  return {
    type: 'event_processing_request',
    id,
    timestamp_ms: int64Of(fields.timestamp_unixtime_ms) ?? batch.received_ms,
    firehose_version: firehoseVersion,
    source_id: textOf(fields.source_request_id),
    partner_identities: nonEmpty(who.partner_identities),
    user_identities: nonEmpty(who.user_identities),
    ...(permissions.allow_user_attributes ? userAttributes(fields.user_attributes) : {}),
    runtime_environment: runtimeEnvironment(fields, who.device_identities, permissions),
    integration_attributes: integrationAttributes(fields, facts.module_id),
    source_channel: channelOf(fields),
    device_application_stamp: permissions.allow_access_device_application_stamp
      ? textOf(fields.mp_deviceid)
      : undefined,
    consent_state: permissions.allow_consent_state ? consentState(fields.consent_state) : undefined,
    system_notifications: nonEmpty(
      systemNotifications(
        batch.notifications,
        eventRegistration?.supported_system_notification_types
      )
    ),
    mpid: permissions.allow_access_mpid ? mpid : undefined,
    platform_fields: permissions.allow_platform_fields ? platformFields(fields, facts) : undefined,
  }
}
