import { uuidFrom } from '../../base/hash'
import type { JsonObject } from '../../base/json'
import type { Applied, ApplyContext } from '../context'
import { type Outbound, withoutDerivedEvents } from '../outbound'
import { convertEvents } from './event-filter'
import { eventRequest, identified, partnerOf, permissionsOf } from './event-request'
import type { FirehoseFacts } from './facts'
import { hasRequired, type Identified } from './identities'
import { runtimeType } from './runtime'
import { splitRequest } from './split-request'
import { uuidIn } from './values'

interface FirehoseSettings {
  include_historical: boolean
  firehose: FirehoseFacts
}

/** The setting or registration field that filters a whole batch; undefined when it is sent. */
const batchFilter = (
  { edge, fields }: Outbound,
  { include_historical, firehose }: FirehoseSettings,
  who: Identified
): string | undefined => {
  const eventRegistration = firehose.registration.event_processing_registration
  const runtimes = eventRegistration?.supported_runtime_environments ?? []
  if (edge.is_historical && !include_historical) return 'include_historical'
  if (!eventRegistration) return 'supported_event_types'
  if (runtimes.length > 0 && !runtimes.includes(runtimeType(fields))) {
    return 'supported_runtime_environments'
  }
  return hasRequired(who, permissionsOf(firehose)) ? undefined : 'required_identities'
}

const isEmpty = (request: JsonObject, events: JsonObject[]): boolean =>
  events.length === 0 && request.system_notifications === undefined

/**
 * Converts a merged batch to the `event_processing_request` of a Firehose integration, without its
 * `account`, which is added when the request is sent. Pure: the same arguments give the same
 * message with the same ids. The filters follow the order of the protocol's document.
 */
export const applyFirehose = (
  merged: Outbound,
  settings: FirehoseSettings,
  { id, mpid }: Pick<ApplyContext, 'id' | 'mpid'>
): Applied => {
  const batch = withoutDerivedEvents(merged)
  const accepted = batch.events.length
  const { firehose } = settings
  const { registration } = firehose
  const permissions = permissionsOf(firehose)
  const who = identified(batch, permissions)
  const filter = batchFilter(batch, settings, who)
  if (filter !== undefined) {
    return { deliveries: [], accepted, filtered: accepted > 0 ? { [filter]: accepted } : {} }
  }
  const partner = partnerOf(batch.fields)
  const { events, filtered } = convertEvents(batch.events, registration, {
    permissions,
    module: registration.name,
    partner,
  })
  // Present only when all uploads of the batch came with the same request.
  const requestId = uuidIn(batch.fields.source_request_id)
  const messageId = requestId ?? uuidFrom(`${firehose.connection} ${id}`)
  const request = eventRequest(batch, firehose, { id: messageId, mpid, who })
  if (isEmpty(request, events) && !permissions.allow_eventless_batches) {
    return { deliveries: [], accepted, filtered }
  }
  return { deliveries: splitRequest(request, events, { id, mpid }), accepted, filtered }
}
