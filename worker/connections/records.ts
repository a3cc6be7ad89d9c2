import { isObject, type JsonObject, omit, stringifyJson } from '../base/json'
import { type Delivery, queueLane } from '../delivery'
import type { ApplyContext } from './context'
import { appName, dateFolder } from './folders'
import type { Outbound, OutboundEvent } from './outbound'
import { recordsOf } from './record'
import type { ConnectionSettings } from './settings'
import { lineBytes, splitMessage } from './split'

interface Recording {
  batch: Outbound
  /** The batch's fields as the settings have left them. */
  shaped: JsonObject
  events: OutboundEvent[]
  settings: ConnectionSettings
  context: ApplyContext
}

// What the records of one hand-off may come to: an RPC carries 32 MiB, two bytes a character.
const recordChars = 16_000_000
const factsChars = 300

export const areRecords = ({ record_format: format }: ConnectionSettings): boolean =>
  format === 'mobile_analytics_event'

const withoutContext = (record: JsonObject): JsonObject =>
  isObject(record.attributes)
    ? { ...record, attributes: omit(record.attributes, ['_clientContext']) }
    : record

const deliver = (
  { batch, settings, context }: Recording,
  one: OutboundEvent,
  { id, record, isFirst }: { id: string; record: JsonObject; isFirst: boolean }
): Delivery[] => {
  const { mpid, input } = context
  const { max_message_bytes: maxBytes = lineBytes, store_by_date: byDate = 'none' } = settings
  const date = dateFolder(byDate, one, one.received_ms)
  const text = stringifyJson(record)
  return splitMessage(isFirst ? [one] : [], {
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

const write = (recording: Recording, isContextOnce: boolean): Delivery[] | undefined => {
  const { shaped, events, settings, context } = recording
  const { id, mpid, input } = context
  const deliveries: Delivery[] = []
  let chars = 0
  for (const [i, one] of events.entries()) {
    const source = { shaped, mpid, input: input.id }
    let k = 0
    for (const record of recordsOf(one, source, settings.include_metadata)) {
      const isLean = isContextOnce && deliveries.length > 0
      const made = deliver(recording, one, {
        id: k === 0 ? `${id}-${i}` : `${id}-${i}-${k}`,
        record: isLean ? withoutContext(record) : record,
        isFirst: k === 0,
      })
      for (const { text } of made) chars += text.length + factsChars
      if (chars > recordChars) return undefined
      deliveries.push(...made)
      k++
    }
  }
  return deliveries
}

/**
 * A delivery per record. Where records repeat their client context so often that together they
 * would be too large to hand off, only the first has it.
 *
 * @returns undefined when they are too large even so
 */
export const recordDeliveries = (recording: Recording): Delivery[] | undefined =>
  write(recording, false) ?? write(recording, true)
