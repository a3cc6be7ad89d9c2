import { uuidFrom } from '../base/hash'
import { type JsonObject, stringifyJson } from '../base/json'
import { type Delivery, queueLane } from '../delivery'
import type { ApplyContext } from './context'
import { dateFolder, fileSafe } from './folders'
import { int64AsText } from './outbound'
import type { ConnectionSettings } from './settings'
import { lineBytes, splitMessage } from './split'

/** The delivery of an alias request; none where the connection does not send alias requests. */
export const applyAlias = (
  request: JsonObject,
  receivedMs: number,
  settings: ConnectionSettings,
  context: ApplyContext
): Delivery[] => {
  if (!settings.send_alias_requests) return []
  const date = dateFolder(settings.store_by_date ?? 'none', undefined, receivedMs)
  const message = {
    message_type: 'alias_request',
    message_id: uuidFrom(context.id),
    schema_version: 2,
    environment: request.environment === 'development' ? 'development' : 'production',
    timestamp_unixtime_ms: String(receivedMs),
    ...(request.request_id === undefined ? {} : { request_id: request.request_id }),
    data: int64AsText(request.data) ?? {},
  }
  const { id, mpid, input } = context
  const text = stringifyJson(message)
  const common = { mpid, attributes: { mpid, input: input.id } }
  if (settings.isQueue) {
    const maxBytes = settings.max_message_bytes ?? lineBytes
    const lane = queueLane
    return splitMessage([], { id, maxBytes, text: () => text, common: { ...common, lane } })
  }
  return [{ ...common, id, text, events: 0, lane: `${date}/${fileSafe(input.app_name)}` }]
}
