import type { Observations } from '../audiences/membership'
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
 * When events are sent to a connection: `each` at once, `batch` at the end of the device's window
 * of time, `session` at the end of the session.
 */
export type WindowKind = 'each' | 'batch' | 'session'

/** The connection settings that decide which window an event belongs to. */
export interface WindowSettings {
  send_as_batch: boolean
  wait_for_complete_batch?: boolean
}

/** The kind of window in which an event waits for a connection. */
export const windowKind = (
  settings: WindowSettings,
  event: { android: boolean; session: string | undefined }
): WindowKind => {
  if (settings.wait_for_complete_batch && event.android && event.session !== undefined) {
    return 'session'
  }
  return settings.send_as_batch ? 'batch' : 'each'
}

/** Type and name of an event, for the console. */
export interface EventMention {
  type: string
  name: string
}

/** One accepted request body, with the facts that a profile needs of it. */
export interface Upload {
  /** The form of `text`; `mobile_analytics` is a PutEvents request with facts from its headers. */
  kind: 'batch' | 'alias' | 'mobile_analytics'
  input: string
  /** The version of the workspace whose settings apply. */
  version: number
  received_ms: number
  /** Hash of input and request id, 16 hex digits, to deduplicate by. */
  request?: string | undefined
  /** The body as JSON text, as received; '' when it only changes the profile. */
  text: string
  /** Random, 16 hex digits: batch and event ids are derived from it. */
  ids: string
  environment: Environment
  /** `keyOf` mp_deviceid, or ''. */
  device: string
  edge: EdgeFacts
  /** See `profileChangesText`. */
  profile_changes: string
  windows: WindowKind[]
  /** The sessions of its events, where connections wait for their end. */
  sessions: { id: string; ended: boolean }[]
  /** Whether the workspace has audiences. */
  has_audiences?: boolean
  observations?: Observations | undefined
  /** Its newest events, oldest first. */
  latest?: EventMention[]
  /** Changes of consent that its sender reports: JSON text of a list. */
  notifications?: string
}

/** What became of an upload: `refused` means that consent is missing. */
export type UploadAnswer = { stored: true } | { repeat: true } | { refused: true }

const profileFields = [
  'user_attributes',
  'deleted_user_attributes',
  'user_identities',
  'consent_state',
] as const

const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

/** The fields of a batch that change the profile, as JSON text; '' when there are none. */
export const profileChangesText = ({ batch }: CheckedBatch): string => {
  const fields = profileFields.filter(
    (name) => isFilled(batch[name]) || (name === 'consent_state' && batch[name])
  )
  if (fields.length === 0) return ''
  return stringifyJson(Object.fromEntries(fields.map((name) => [name, batch[name]])))
}

/** How many of its newest events a profile stores. */
export const mentionedEvents = 10
const mentionChars = 64

const mentionOf = ({ event_type, data }: BatchEvent): EventMention => ({
  type: String(exactText(event_type)).slice(0, mentionChars),
  name: eventName(data, mentionChars),
})

/** The facts that a profile needs of a batch. */
export const describeBatch = (
  checked: CheckedBatch,
  connections: WindowSettings[]
): Pick<
  Upload,
  'environment' | 'device' | 'profile_changes' | 'windows' | 'sessions' | 'latest'
> => {
  const { batch, events } = checked
  const device = exactText(batch.mp_deviceid)
  return {
    environment: environmentOf(batch),
    device: typeof device === 'string' ? keyOf(device) : '',
    profile_changes: profileChangesText(checked),
    latest: events.slice(-mentionedEvents).map(mentionOf),
    ...windowsOf(checked, connections),
  }
}

const windowsOf = (
  { batch, events }: CheckedBatch,
  connections: WindowSettings[]
): Pick<Upload, 'windows' | 'sessions'> => {
  const android = isAndroid(batch)
  if (!android || !connections.some((connection) => connection.wait_for_complete_batch)) {
    const event = { android: false, session: undefined }
    const kinds = connections.map((connection) => windowKind(connection, event))
    return { windows: [...new Set(kinds)], sessions: [] }
  }
  const sessions = new Map<string, boolean>()
  for (const event of events) {
    const id = sessionOf(event)
    if (id === undefined) continue
    sessions.set(id, sessions.get(id) || event.event_type === 'session_end')
  }
  const sessionFacts = events.map((event) => ({ android, session: sessionOf(event) }))
  // A batch without events goes the way of an event without a session.
  const facts = sessionFacts.length > 0 ? sessionFacts : [{ android, session: undefined }]
  const kinds = connections.flatMap((connection) =>
    facts.map((event) => windowKind(connection, event))
  )
  return {
    windows: [...new Set(kinds)],
    sessions: [...sessions].map(([id, ended]) => ({ id, ended })),
  }
}
