import type { MembershipChange } from '../audiences/membership'
import type { Trigger } from '../audiences/trigger'
import { uuidFrom } from '../base/hash'
import { exactText, type Json, type JsonObject, own, stringifyJson } from '../base/json'
import { type Delivery, queueLane } from '../delivery'
import type { Applied } from './context'
import { lineBytes, messageBytes } from './split'
import type { TriggerSettings } from './trigger-settings'

export interface TriggerContext {
  /** The delivery's id. */
  id: string
  mpid: string
  /** The connection's id. */
  connection: string
  /** Ids of the connection's audiences. Changes are sent in this order. */
  audiences: string[]
}

// Lytics' end of a membership that has not ended.
const openEnd = '2099-12-31T23:59:59Z'
const reserved = ['_created', '_modified', 'segment_events']

const timeText = (ms: number): string => new Date(ms).toISOString()

/**
 * The changes of a trigger that a connection sends, and the counts of accepted and filtered ones.
 */
export const selectChanges = (
  { changes, only, silent }: Trigger,
  { audiences, connection }: TriggerContext,
  settings: Pick<TriggerSettings, 'audience_events'>
): Omit<Applied, 'deliveries'> & { selected: MembershipChange[] } => {
  const isForOther = only !== undefined && only !== connection
  if (isForOther || silent) return { accepted: 0, filtered: {}, selected: [] }
  const accepted = audiences.flatMap((id) => changes.filter(({ audience }) => audience === id))
  const kindsOf = { both: ['enter', 'exit'], enters: ['enter'], exits: ['exit'] }
  const kinds =
    Object.entries(kindsOf).find(([name]) => name === settings.audience_events)?.[1] ?? []
  const selected = accepted.filter(({ event }) => kinds.includes(event))
  const filtered = accepted.length - selected.length
  return {
    accepted: accepted.length,
    filtered: filtered > 0 ? { audience_events: filtered } : {},
    selected,
  }
}

const segmentEvent = ({ audience, slug, event, enter_ms, exit_ms }: MembershipChange): Json => ({
  id: audience,
  event,
  enter: timeText(enter_ms),
  exit: exit_ms === undefined ? openEnd : timeText(exit_ms),
  slug,
})

const withoutReserved = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !reserved.includes(name)))

const pickFields = (fields: JsonObject, names: string[]): JsonObject =>
  names.length === 0
    ? fields
    : Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))

const messageText = (
  trigger: Trigger,
  { connection }: TriggerContext,
  { fields, changes }: { fields: JsonObject; changes: MembershipChange[] }
): string =>
  stringifyJson({
    data: {
      _created: timeText(trigger.created_ms),
      _modified: timeText(trigger.modified_ms),
      ...withoutReserved(fields),
      segment_events: changes.map(segmentEvent),
    },
    meta: {
      object: 'user',
      subscription_id: uuidFrom(connection).replaceAll('-', ''),
      timestamp: timeText(trigger.at_ms),
    },
  })
    // JSON does not escape these two characters, and SQS rejects them.
    .replaceAll('\ufffe', '\\ufffe')
    .replaceAll('\uffff', '\\uffff')

const nameChars = 256

// Names of SQS attributes: letters, digits, _ - and single inner dots, without two reserved
// prefixes.
const attributeName = (field: string): string => {
  const safe = field
    .slice(0, nameChars - 1)
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.|\.$|\.(?=\.)/g, '_')
  return /^(aws|amazon)\./i.test(safe) ? `_${safe}` : safe
}

// Characters that SQS rejects in attribute values; in the body JSON escapes them.
const unsendableChars = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const isQueueNumber = (value: number): boolean =>
  value === 0 || (Math.abs(value) >= 1e-128 && Math.abs(value) < 1e126)

const attributeValue = (value: Json | undefined): string | number | undefined => {
  const plain = exactText(value)
  if (plain === undefined || plain === null || plain === '') return undefined
  if (typeof plain === 'number') return isQueueNumber(plain) ? plain : String(plain)
  const text = typeof plain === 'string' ? plain : stringifyJson(plain)
  return text.replace(unsendableChars, '\ufffd')
}

const attributesOf = (fields: JsonObject, names: string[]): Record<string, string | number> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = attributeValue(own(fields, name))
      return value === undefined ? [] : [[attributeName(name), value]]
    })
  )

interface Message {
  text: string
  attributes: Record<string, string | number>
}

/**
 * The message with as many of the user's fields as fit: first attributes are left out, then
 * identities.
 */
const fittingMessage = (
  trigger: Trigger,
  settings: TriggerSettings,
  write: (fields: JsonObject) => string
): Message & { unsendable?: string } => {
  const { identities } = trigger
  const all = { ...trigger.attributes, ...identities }
  const attributes = attributesOf(all, settings.message_attributes ?? [])
  const most = settings.max_message_bytes ?? lineBytes
  const bytes = (message: Message) => messageBytes(message.text, message.attributes)
  const message = (fields: JsonObject, messageAttributes: Message['attributes']): Message => ({
    text: write(pickFields(fields, settings.user_fields)),
    attributes: messageAttributes,
  })
  const candidates = [
    () => message(all, attributes),
    () => message(identities, attributes),
    () => message(identities, {}),
  ]
  for (const write of candidates) {
    const candidate = write()
    if (bytes(candidate) <= most) return candidate
  }
  const bare = message({}, {})
  if (bytes(bare) <= most) return bare
  const unsendable = `The message has ${bytes(bare)} bytes; the queue takes ${most}.`
  return { ...bare, unsendable }
}

/**
 * The delivery of a trigger to an audience connection: one message with all changes of the
 * connection's audiences, in the form of Lytics' SQS export. A message that is too large loses
 * fields of the user, never changes.
 */
export const applyTrigger = (
  trigger: Trigger,
  settings: TriggerSettings,
  context: TriggerContext
): Applied => {
  const { id, mpid } = context
  const { accepted, filtered, selected } = selectChanges(trigger, context, settings)
  if (selected.length === 0) return { deliveries: [], accepted, filtered }
  const { attributes, ...message } = fittingMessage(trigger, settings, (fields) =>
    messageText(trigger, context, { fields, changes: selected })
  )
  const { isQueue } = settings
  const date = settings.store_by_date === 'none' ? '' : timeText(trigger.at_ms).slice(0, 10)
  const delivery: Delivery = {
    id,
    mpid,
    events: selected.length,
    lane: isQueue ? queueLane : `${date}/audiences`,
    ...message,
    ...(isQueue ? { attributes } : {}),
  }
  return { deliveries: [delivery], accepted, filtered }
}
