import { type JsonObject, parseJson } from '../../worker/base/json'
import { checkBatch } from '../../worker/batch'
import { apply } from '../../worker/connections/apply'
import type { Applied, ApplyContext } from '../../worker/connections/context'
import { mergeParts, type Part } from '../../worker/connections/outbound'
import type { ConnectionSettings } from '../../worker/connections/settings'
import { outputKinds } from '../../worker/outputs'

/** An outbound message as its receiver parses it. */
export interface Message extends JsonObject {
  events: { event_type: string; data: JsonObject }[]
}

export const receivedMs = Date.UTC(2026, 10, 21, 6, 4, 5, 678)
export const mpid = '7346244611012968789'

export const s3Settings = (given: Record<string, unknown> = {}): ConnectionSettings =>
  outputKinds.s3.readConnection({ bucket_name: 'events', store_by_date: 'none', ...given })

export const sqsSettings = (given: Record<string, unknown> = {}): ConnectionSettings =>
  outputKinds.sqs.readConnection({
    queue_url: 'https://sqs.eu-central-1.amazonaws.com/123456789012/events',
    ...given,
  })

/** A stored upload of this body, given as text or as an object. */
export const partOf = (body: object | string, facts: Partial<Part> = {}): Part => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const checked = checkBatch(parseJson(text))
  if (!checked) throw new Error('Not a batch.')
  return {
    batch: checked.batch,
    events: checked.events.map((event, index) => ({ event, index })),
    received_ms: receivedMs,
    ids: '0123456789abcdef',
    edge: { channel: 'javascript' },
    notifications: [],
    ...facts,
  }
}

export const applyParts = (
  parts: Part[],
  settings: ConnectionSettings = s3Settings(),
  context: Partial<ApplyContext> = {}
): Applied => {
  const merged = mergeParts(parts, mpid)
  if (!merged) throw new Error('Nothing to merge.')
  return apply(merged, settings, {
    id: 'hand-off',
    mpid,
    input: { id: 'web' },
    identityTimes: {},
    ...context,
  })
}

/** The texts that one body becomes. */
export const textsOf = (body: object | string, settings?: ConnectionSettings): string[] =>
  applyParts([partOf(body)], settings).deliveries.map((one) => one.text)

/** The one message that uploads become. */
export const messageOf = (
  parts: Part[],
  settings?: ConnectionSettings,
  context?: Partial<ApplyContext>
): Message => {
  const { deliveries } = applyParts(parts, settings, context)
  const [only] = deliveries
  if (!only || deliveries.length > 1) throw new Error(`${deliveries.length} deliveries, not one.`)
  return JSON.parse(only.text)
}

export const customEvent = (event_name: string, data: object = {}) => ({
  event_type: 'custom_event',
  data: { event_name, custom_event_type: 'other', timestamp_unixtime_ms: 1795229708345, ...data },
})
