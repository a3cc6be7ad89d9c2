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
  /** In the order in which its changes are told. */
  audiences: string[]
}

// The end of a membership that has none yet.
const openEnd = '2099-12-31T23:59:59Z'
const reserved = ['_created', '_modified', 'segment_events']

const timeText = (ms: number): string => new Date(ms).toISOString()

/** What of a trigger a connection is told, and how much of it counts as accepted and filtered. */
export const selected = (
  { changes, only, silent }: Trigger,
  { audiences, connection }: TriggerContext,
  settings: Pick<TriggerSettings, 'audience_events'>
): Omit<Applied, 'deliveries'> & { told: MembershipChange[] } => {
  const isOther = only !== undefined && only !== connection
  const own = audiences.flatMap((id) => changes.filter(({ audience }) => audience === id))
  if (isOther || silent) return { accepted: 0, filtered: {}, told: [] }
  const wanted = { both: ['enter', 'exit'], enters: ['enter'], exits: ['exit'] }
  const kinds =
    Object.entries(wanted).find(([name]) => name === settings.audience_events)?.[1] ?? []
  const told = own.filter(({ event }) => kinds.includes(event))
  const left = own.length - told.length
  return { accepted: own.length, filtered: left > 0 ? { audience_events: left } : {}, told }
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

const chosen = (fields: JsonObject, names: string[]): JsonObject =>
  names.length === 0
    ? fields
    : Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))

const messageText = (
  trigger: Trigger,
  { connection }: TriggerContext,
  { fields, told }: { fields: JsonObject; told: MembershipChange[] }
): string =>
  stringifyJson({
    data: {
      _created: timeText(trigger.created_ms),
      _modified: timeText(trigger.modified_ms),
      ...withoutReserved(fields),
      segment_events: told.map(segmentEvent),
    },
    meta: {
      object: 'user',
      subscription_id: uuidFrom(connection).replaceAll('-', ''),
      timestamp: timeText(trigger.at_ms),
    },
  })
    // JSON leaves these two characters raw, and SQS refuses them.
    .replaceAll('\ufffe', '\\ufffe')
    .replaceAll('\uffff', '\\uffff')

const nameChars = 256

// SQS wants letters, digits, _ - and single dots inside, and keeps two prefixes for itself.
const attributeName = (field: string): string => {
  const safe = field
    .slice(0, nameChars - 1)
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.|\.$|\.(?=\.)/g, '_')
  return /^(aws|amazon)\./i.test(safe) ? `_${safe}` : safe
}

// What SQS refuses in any text, where JSON would write an escape.
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

/** The message with as much about the user as fits: identities are the last to go. */
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
  const message = (fields: JsonObject, beside: Message['attributes']): Message => ({
    text: write(chosen(fields, settings.user_fields)),
    attributes: beside,
  })
  const tries = [
    () => message(all, attributes),
    () => message(identities, attributes),
    () => message(identities, {}),
  ]
  for (const one of tries) {
    const made = one()
    if (bytes(made) <= most) return made
  }
  const bare = message({}, {})
  if (bytes(bare) <= most) return bare
  const unsendable = `The message has ${bytes(bare)} bytes; the queue takes ${most}.`
  return { ...bare, unsendable }
}

/**
 * What an audience connection sends of a trigger: one message with all changes of its audiences
 * (spec: Lytics' SQS export). One that is too large loses what it says of the user, never changes.
 */
export const applyTrigger = (
  trigger: Trigger,
  settings: TriggerSettings,
  context: TriggerContext
): Applied => {
  const { id, mpid } = context
  const { accepted, filtered, told } = selected(trigger, context, settings)
  if (told.length === 0) return { deliveries: [], accepted, filtered }
  const { attributes, ...message } = fittingMessage(trigger, settings, (fields) =>
    messageText(trigger, context, { fields, told })
  )
  const { isQueue } = settings
  const date = settings.store_by_date === 'none' ? '' : timeText(trigger.at_ms).slice(0, 10)
  const delivery: Delivery = {
    id,
    mpid,
    events: told.length,
    lane: isQueue ? queueLane : `${date}/audiences`,
    ...message,
    ...(isQueue ? { attributes } : {}),
  }
  return { deliveries: [delivery], accepted, filtered }
}
