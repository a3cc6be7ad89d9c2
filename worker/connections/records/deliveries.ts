import { isObject, type JsonObject, omit, stringifyJson } from '../../base/json'
import { type Delivery, queueLane } from '../../delivery'
import type { EventGroup } from '../context'
import { appName, dateFolder } from '../folders'
import type { OutboundEvent } from '../outbound'
import type { ConnectionSettings } from '../settings'
import { lineBytes, splitMessage } from '../split'
import { recordsOf } from './record'

// All records of one hand-off are sent to the outbox in one RPC, which carries 32 MiB at two bytes
// per character.
const recordChars = 16_000_000
// What a delivery needs besides its text.
const overheadChars = 300

export const sendsRecords = ({ record_format: format }: ConnectionSettings): boolean =>
  format === 'mobile_analytics_event'

const withoutContext = (record: JsonObject): JsonObject =>
  isObject(record.attributes)
    ? { ...record, attributes: omit(record.attributes, ['_clientContext']) }
    : record

/** The delivery of a record; it cannot be split if it is too large. */
const recordDelivery = (
  { batch, settings, context }: EventGroup,
  event: OutboundEvent,
  { id, record, isFirst }: { id: string; record: JsonObject; isFirst: boolean }
): Delivery[] => {
  const { mpid, input } = context
  const { max_message_bytes: maxBytes = lineBytes, store_by_date: byDate = 'none' } = settings
  const date = dateFolder(byDate, event, event.received_ms)
  const text = stringifyJson(record)
  return splitMessage(isFirst ? [event] : [], {
    id,
    maxBytes,
    text: () => text,
    common: {
      mpid,
      lane: settings.isQueue ? queueLane : `${date}/${appName(input.app_name, batch)}`,
      attributes: { mpid, input: input.id, batch_id: String(batch.fields.batch_id) },
    },
  })
}

const makeDeliveries = (group: EventGroup, hasContextOnce: boolean): Delivery[] | undefined => {
  const { fields, events, settings, context } = group
  const { id, mpid, input } = context
  const deliveries: Delivery[] = []
  let chars = 0
  for (const [i, event] of events.entries()) {
    const source = { fields, mpid, input: input.id }
    let recordIndex = 0
    for (const record of recordsOf(event, source, settings.include_metadata)) {
      const omitsContext = hasContextOnce && deliveries.length > 0
      const parts = recordDelivery(group, event, {
        id: recordIndex === 0 ? `${id}-${i}` : `${id}-${i}-${recordIndex}`,
        record: omitsContext ? withoutContext(record) : record,
        isFirst: recordIndex === 0,
      })
      for (const { text } of parts) chars += text.length + overheadChars
      if (chars > recordChars) return undefined
      deliveries.push(...parts)
      recordIndex++
    }
  }
  return deliveries
}

/**
 * One delivery per record. If all records together are too large for the hand-off, only the first
 * one has the client context, which they repeat.
 *
 * @returns undefined when they are too large even then
 */
export const recordDeliveries = (group: EventGroup): Delivery[] | undefined =>
  makeDeliveries(group, false) ?? makeDeliveries(group, true)
