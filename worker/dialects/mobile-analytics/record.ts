import type { JsonObject } from '../../base/json'
import type { MobileEvent } from './events'
import { eventUuid } from './ids'
import { sessionDuration } from './mapping'
import { filled, type MobileRequest, sdkOf } from './request'

const sessionAttributes = (event: MobileEvent): JsonObject => {
  const { session } = event
  if (!session) return {}
  const duration = sessionDuration(event)
  return {
    '_session.id': session.id,
    '_session.startTime': String(session.start_ms),
    ...(session.stop_ms === undefined ? {} : { '_session.stopTime': String(session.stop_ms) }),
    ...(duration === undefined ? {} : { '_session.duration': String(duration) }),
  }
}

/**
 * The flattened records of a request's events, as Amazon's event export had them.
 *
 * @param receivedMs `arrival_timestamp`
 */
export const recordsOf = (request: MobileRequest, receivedMs: number): JsonObject[] => {
  const { context, options, digest } = request
  const clientFields = filled({
    platform: context.platform,
    model: context.model,
    platform_version: context.platform_version,
    make: context.make,
    locale: context.locale,
    ...sdkOf(request),
    app_package_name: context.app_package_name,
    app_version_name: context.app_version_name,
    app_version_code: context.app_version_code,
    app_title: context.app_title,
    user_agent: request.user_agent ?? request.sdk_agent,
  })
  return request.events.map((event, index) => ({
    application_key: context.app_id,
    account_id: options.account_id,
    event_type: event.type,
    timestamp: event.time_ms,
    arrival_timestamp: receivedMs,
    unique_id: eventUuid(digest, index),
    client_id: context.client_id,
    ...clientFields,
    attributes: {
      ...event.attributes,
      ...sessionAttributes(event),
      _clientContext: request.context_text,
    },
    metrics: event.metrics,
  }))
}
