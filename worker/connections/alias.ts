import type { Delivery } from '../delivery'
import { uuidFrom } from '../hash'
import { type JsonObject, stringifyJson } from '../json'
import type { ApplyContext, ConnectionSettings } from './apply'
import { dateFolder, fileSafe } from './folders'
import { int64AsText } from './outbound'

/** An alias request as a message of its own, for connections that send them. */
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
  const isQueue = settings.max_message_bytes !== undefined
  return [
    {
      id: context.id,
      text: stringifyJson(message),
      events: 0,
      mpid: context.mpid,
      lane: isQueue ? '' : `${date}/${fileSafe(context.input.app_name)}`,
      attributes: { mpid: context.mpid, input: context.input.id },
    },
  ]
}
