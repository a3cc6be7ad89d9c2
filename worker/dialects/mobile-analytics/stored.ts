import { isObject, type JsonObject, parseJson } from '../../base/json'
import type { Batch, BatchEvent } from '../../batch'
import { mapClient } from './batch'
import { readContext } from './client-context'
import { readEvents } from './events'
import { type MappedEvent, mapEvents } from './mapping'
import { recordsOf } from './record'
import type { MappingOptions, MobileRequest } from './request'

/** A stored request as a batch, and each event also as a record. */
export interface MappedRequest {
  batch: Batch
  events: (Omit<MappedEvent, 'index'> & { record?: JsonObject })[]
}

/**
 * The text in which a profile stores a request: the body as it was sent, and the facts from headers
 * and settings that converting it needs.
 */
export const writeRequest = (request: MobileRequest, body: string): string => {
  // Context and events are parsed again from `context_text` and the body.
  const facts = { ...request, context: undefined, events: undefined }
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

/** A request as a batch and its events, without records. */
export const mapRequest = (request: MobileRequest): { batch: Batch; events: BatchEvent[] } => ({
  batch: mapClient(request),
  events: mapEvents(request).map(({ event }) => event),
})

/**
 * Reads a text of `writeRequest`.
 *
 * @throws when it is not one
 */
export const readStoredRequest = (stored: string, receivedMs: number): MappedRequest => {
  const request = readRequest(stored)
  const records = recordsOf(request, receivedMs)
  return {
    batch: mapClient(request),
    events: mapEvents(request).map(({ index, ...mapped }) => {
      const record = records[index]
      return { ...mapped, ...(record ? { record } : {}) }
    }),
  }
}
