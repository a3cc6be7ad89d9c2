import { isObject, parseJson } from '../../worker/base/json'
import { readContext } from '../../worker/dialects/mobile-analytics/client-context'
import { readEvents } from '../../worker/dialects/mobile-analytics/events'
import type { MobileRequest } from '../../worker/dialects/mobile-analytics/request'
import {
  type MappedRequest,
  readStoredRequest,
  writeRequest,
} from '../../worker/dialects/mobile-analytics/stored'
import { contextOf } from './mobile-event'

export const requestId = '5c1f0b52-9d1c-4f0e-9d55-0f6a0d8f6f11'
export const digest = '00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0'
export const arrivalMs = Date.UTC(2026, 10, 21, 6, 4, 5, 678)

interface Given {
  events?: unknown[]
  /** The body as text, when it is to hold what JavaScript cannot write. */
  body?: string
  context?: unknown
  facts?: Partial<Pick<MobileRequest, 'is_browser' | 'user_agent' | 'sdk_agent' | 'digest'>>
  options?: Partial<MobileRequest['options']>
}

/** The text that a profile stores of a request with these events. */
export const storedOf = (given: Given): string => {
  const body = given.body ?? JSON.stringify({ events: given.events ?? [] })
  const context_text = JSON.stringify(given.context ?? contextOf())
  const context = readContext(context_text, false)
  const events = readEvents(parseJson(body))
  if (!context.ok || !events.ok) throw new Error('Not a request.')
  const request: MobileRequest = {
    context: context.value,
    context_text,
    events: events.value,
    request_id: requestId,
    digest,
    is_browser: false,
    ...given.facts,
    options: {
      account_id: 'weir',
      environment: 'production',
      custom_as_user_attributes: false,
      ...given.options,
    },
  }
  return writeRequest(request, body)
}

/** The id that an event has as its client's. */
export const messageId = (one: MappedRequest['events'][number] | undefined): unknown =>
  isObject(one?.event.data) ? one.event.data.source_message_id : undefined

/** What becomes of it, by way of that text. */
export const mappedOf = (given: Given): MappedRequest =>
  readStoredRequest(storedOf(given), arrivalMs)
