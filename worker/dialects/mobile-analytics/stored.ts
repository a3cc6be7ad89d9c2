import { isObject, type JsonObject, parseJson } from '../../base/json'
import type { Batch, BatchEvent } from '../../batch'
import { mapClient } from './batch'
import { readContext } from './client-context'
import { readEvents } from './events'
import { type MappedEvent, mapEvents } from './mapping'
import { recordsOf } from './record'
import type { MappingOptions, MobileRequest } from './request'

/** A request as a batch, with what its events are beside it. */
export interface MappedRequest {
  batch: Batch
  events: (Omit<MappedEvent, 'place'> & { record?: JsonObject })[]
}

/**
 * A request as the text that its profile stores: what came with the headers and is needed to map
 * it, and the body as it was.
 */
export const writeRequest = (request: MobileRequest, body: string): string => {
  const { context: _context, events: _events, ...facts } = request
  return `${JSON.stringify(facts).slice(0, -1)},"body":${body}}`
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const readOptions = (value: unknown): MappingOptions => {
  const options = isObject(value) ? value : {}
  const { customer_id_attribute: customer } = options
  return {
    account_id: text(options.account_id),
    environment: options.environment === 'development' ? 'development' : 'production',
    custom_as_user_attributes: options.custom_as_user_attributes === true,
    ...(typeof customer === 'string' ? { customer_id_attribute: customer } : {}),
  }
}

const readRequest = (stored: string): MobileRequest => {
  const facts = parseJson(stored)
  if (!isObject(facts)) throw new Error('The stored request is not an object.')
  const context_text = text(facts.context_text)
  const context = readContext(context_text, false)
  const events = readEvents(facts.body ?? null)
  if (!context.ok || !events.ok) throw new Error('The stored request is not valid any more.')
  return {
    context: context.value,
    context_text,
    events: events.value,
    request_id: text(facts.request_id),
    digest: text(facts.digest),
    is_browser: facts.is_browser === true,
    ...(facts.is_bot === true ? { is_bot: true } : {}),
    options: readOptions(facts.options),
    ...(facts.sdk_agent ? { sdk_agent: text(facts.sdk_agent) } : {}),
    ...(facts.user_agent ? { user_agent: text(facts.user_agent) } : {}),
  }
}

/** A request as a batch, and its events without their records, which receipt has no use for. */
export const mapRequest = (request: MobileRequest): { batch: Batch; events: BatchEvent[] } => ({
  batch: mapClient(request),
  events: mapEvents(request).map(({ event }) => event),
})

/**
 * Reads what `writeRequest` wrote.
 *
 * @throws when it is something else
 */
export const readStoredRequest = (stored: string, receivedMs: number): MappedRequest => {
  const request = readRequest(stored)
  const records = recordsOf(request, receivedMs)
  return {
    batch: mapClient(request),
    events: mapEvents(request).map(({ place, ...mapped }) => {
      const record = records[place]
      return { ...mapped, ...(record ? { record } : {}) }
    }),
  }
}
