import { uuidFrom } from '../../base/hash'
import type { JsonObject } from '../../base/json'
import type { Applied, ApplyContext } from '../context'
import type { Outbound } from '../outbound'
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

/** What keeps a whole batch from the integration. */
const refusedBy = (
  { edge, fields }: Outbound,
  { include_historical, firehose }: FirehoseSettings,
  who: Identified
): string | undefined => {
  const wanted = firehose.registration.event_processing_registration
  const runtimes = wanted?.supported_runtime_environments ?? []
  if (edge.is_historical && !include_historical) return 'include_historical'
  if (!wanted) return 'supported_event_types'
  if (runtimes.length > 0 && !runtimes.includes(runtimeType(fields))) {
    return 'supported_runtime_environments'
  }
  return hasRequired(who, permissionsOf(firehose)) ? undefined : 'required_identities'
}

// An event that is made of another is for connections that can ask for it by a setting.
const asTheyCame = (batch: Outbound): Outbound => ({
  ...batch,
  events: batch.events.filter((one) => one.neededSetting === undefined),
})

const isEmpty = (request: JsonObject, events: JsonObject[]): boolean =>
  events.length === 0 && request.system_notifications === undefined

/**
 * One merged batch as the `event_processing_request` that a Firehose integration gets, without its
 * account. Pure: the same arguments give the same message with the same ids. The order of the
 * filters is that of the protocol's document.
 */
export const applyFirehose = (
  given: Outbound,
  settings: FirehoseSettings,
  { id, mpid }: Pick<ApplyContext, 'id' | 'mpid'>
): Applied => {
  const batch = asTheyCame(given)
  const accepted = batch.events.length
  const { firehose } = settings
  const { registration } = firehose
  const permissions = permissionsOf(firehose)
  const who = identified(batch, permissions)
  const refusal = refusedBy(batch, settings, who)
  if (refusal !== undefined) {
    return { deliveries: [], accepted, filtered: accepted > 0 ? { [refusal]: accepted } : {} }
  }
  const partner = partnerOf(batch.fields)
  const { events, filtered } = convertEvents(batch.events, registration, {
    permissions,
    module: registration.name,
    partner,
  })
  const own = uuidFrom(`${firehose.connection} ${id}`)
  // Only uploads of one request have its id in common.
  const messageId = uuidIn(batch.fields.source_request_id) ?? own
  const request = eventRequest(batch, firehose, { id: messageId, mpid, who })
  if (isEmpty(request, events) && !permissions.allow_eventless_batches) {
    return { deliveries: [], accepted, filtered }
  }
  return { deliveries: splitRequest(request, events, { id, mpid }), accepted, filtered }
}
