import type { Noted } from '../audiences/membership'
import { exactText, stringifyJson } from '../base/json'
import {
  type BatchEvent,
  type CheckedBatch,
  type EdgeFacts,
  type Environment,
  environmentOf,
  isAndroid,
  keyOf,
  sessionOf,
} from '../batch'
import { eventName } from '../event-name'

/**
 * When events go to a connection: `each` at once, `batch` when the device's window ends, `session`
 * when the session does.
 */
export type WindowKind = 'each' | 'batch' | 'session'

/** The connection settings that decide about windows. */
export interface WindowSettings {
  send_as_batch: boolean
  wait_for_complete_batch?: boolean
}

/** The window that an event goes through on its way to a connection. */
export const windowKind = (
  settings: WindowSettings,
  event: { android: boolean; session: string | undefined }
): WindowKind => {
  if (settings.wait_for_complete_batch && event.android && event.session !== undefined) {
    return 'session'
  }
  return settings.send_as_batch ? 'batch' : 'each'
}

/** What an event is, for people. */
export interface EventMention {
  type: string
  name: string
}

/** What a profile stores and must know of one accepted body. */
export interface Upload {
  /** What `text` is; `mobile_analytics` is a PutEvents request with facts of its headers. */
  kind: 'batch' | 'alias' | 'mobile_analytics'
  input: string
  /** Version of the workspace whose settings apply to it. */
  version: number
  received_ms: number
  /** Hash of input and request id, 16 hex digits; none: never a repeat. */
  request?: string | undefined
  /** The body as JSON text, as it came; '' for what only changes the profile. */
  text: string
  /** Random, 16 hex digits: all ids of the upload derive from it. */
  ids: string
  environment: Environment
  /** A key of mp_deviceid, or ''. */
  device: string
  edge: EdgeFacts
  /** JSON text of the fields that change the profile, '' for none. */
  about: string
  windows: WindowKind[]
  /** Sessions whose events wait for their end. */
  sessions: { id: string; ended: boolean }[]
  /** Whether the workspace has audiences, and what the body says of what their rules ask for. */
  has_audiences?: boolean
  noted?: Noted | undefined
  /** Its newest events, for people: what they are, oldest first. */
  latest?: EventMention[]
  /** Consents that changed, as its sender tells it: JSON text of a list. */
  notifications?: string
}

const aboutFields = [
  'user_attributes',
  'deleted_user_attributes',
  'user_identities',
  'consent_state',
] as const

const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

/** The parts of a batch that fold into a profile, as JSON text; '' when there are none. */
export const aboutText = ({ batch }: CheckedBatch): string => {
  const fields = aboutFields.filter(
    (name) => isFilled(batch[name]) || (name === 'consent_state' && batch[name])
  )
  if (fields.length === 0) return ''
  return stringifyJson(Object.fromEntries(fields.map((name) => [name, batch[name]])))
}

/** How many of its newest events a profile mentions. */
export const mentionedEvents = 10
const mentionChars = 64

const mention = ({ event_type, data }: BatchEvent): EventMention => ({
  type: String(exactText(event_type)).slice(0, mentionChars),
  name: eventName(data, mentionChars),
})

/** Facts of a batch that decide where and when it goes, and what it is. */
export const describeBatch = (
  checked: CheckedBatch,
  connections: WindowSettings[]
): Pick<Upload, 'environment' | 'device' | 'about' | 'windows' | 'sessions' | 'latest'> => {
  const { batch, events } = checked
  const device = exactText(batch.mp_deviceid)
  return {
    environment: environmentOf(batch),
    device: typeof device === 'string' ? keyOf(device) : '',
    about: aboutText(checked),
    latest: events.slice(-mentionedEvents).map(mention),
    ...windowsOf(checked, connections),
  }
}

const windowsOf = (
  { batch, events }: CheckedBatch,
  connections: WindowSettings[]
): Pick<Upload, 'windows' | 'sessions'> => {
  const android = isAndroid(batch)
  if (!android || !connections.some((one) => one.wait_for_complete_batch)) {
    const event = { android: false, session: undefined }
    return { windows: [...new Set(connections.map((one) => windowKind(one, event)))], sessions: [] }
  }
  const sessions = new Map<string, boolean>()
  for (const event of events) {
    const id = sessionOf(event)
    if (id === undefined) continue
    sessions.set(id, sessions.get(id) || event.event_type === 'session_end')
  }
  const ofEvents = events.map((event) => ({ android, session: sessionOf(event) }))
  const asked = ofEvents.length > 0 ? ofEvents : [{ android, session: undefined }]
  const kinds = connections.flatMap((one) => asked.map((event) => windowKind(one, event)))
  return {
    windows: [...new Set(kinds)],
    sessions: [...sessions].map(([id, ended]) => ({ id, ended })),
  }
}
