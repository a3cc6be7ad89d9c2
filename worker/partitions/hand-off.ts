import { isObject, parseJson } from '../base/json'
import { type Batch, isAndroid, isEvent, sessionOf } from '../batch'
import { applyAlias } from '../connections/alias'
import { apply } from '../connections/apply'
import type { Applied, ApplyContext } from '../connections/context'
import { applyFirehose } from '../connections/firehose/apply-firehose'
import type { FirehoseFacts } from '../connections/firehose/facts'
import { mergeParts, type Part, type PartEvent } from '../connections/outbound'
import type { ConnectionSettings } from '../connections/settings'
import { type HandOff, queueLane } from '../delivery'
import { readStoredRequest } from '../dialects/mobile-analytics/stored'
import type { ProfileState } from '../profiles/attributes'
import { covers, type Head, type Window } from '../profiles/batching'
import type { Entry } from '../profiles/entry'
import { windowKind } from '../profiles/upload'

/** One connection as it was at some version of the workspace. */
export interface ConnectionAt {
  settings: ConnectionSettings
  app_name?: string | undefined
  /** Of connections to integrations. */
  firehose?: FirehoseFacts | undefined
}

/** An entry with its body parsed, once for all connections. */
export interface ParsedEntry {
  entry: Entry
  batch: Batch
  events: PartEvent[]
  android: boolean
  /** Why the body cannot be read any more; it then has no events. */
  unreadable?: string
}

type Read = Pick<ParsedEntry, 'batch'> & { events: Omit<PartEvent, 'index'>[] }

const readBatch = (text: string): Read => {
  const parsed = parseJson(text)
  const batch: Batch = isObject(parsed) ? parsed : {}
  const events = Array.isArray(batch.events) ? batch.events.filter(isEvent) : []
  return { batch, events: events.map((event) => ({ event })) }
}

const read = ({ kind, text, received_ms }: Entry): Read =>
  kind === 'mobile_analytics' ? readStoredRequest(text, received_ms) : readBatch(text)

export const parseEntry = (entry: Entry): ParsedEntry => {
  try {
    const { batch, events } = read(entry)
    const placed = events.map((one, index) => ({ ...one, index }))
    return { entry, batch, events: placed, android: isAndroid(batch) }
  } catch (error) {
    // Thrown here, it would hold up all that the profile has.
    const unreadable = error instanceof Error ? error.message : ''
    return { entry, batch: {}, events: [], android: false, unreadable }
  }
}

export const handOffId = (head: Head, window: Window): string =>
  `${head.mpid}-${head.epoch}-${window.id.toString(36)}`

interface Making {
  head: Head
  window: Window
  state: ProfileState
  entries: ParsedEntry[]
  /** Of the workspace in force. */
  version: number
  /** The connection as it was when an entry came in; undefined when it was not there. */
  at: (version: number) => ConnectionAt | undefined
}

/** What one connection gets of a window; undefined when the window holds nothing for it. */
export const makeHandOff = (making: Making): HandOff | undefined => {
  try {
    return convert(making, handOffId(making.head, making.window))
  } catch {
    return salvage(making)
  }
}

/**
 * A window of which some upload cannot be converted, which would fail again at every try: its
 * uploads one by one, and that one as a dead letter.
 */
const salvage = (making: Making): HandOff => {
  const id = handOffId(making.head, making.window)
  const parts = making.entries.flatMap(
    (parsed) => convertOne({ ...making, entries: [parsed] }, `${id}-s${parsed.entry.seq}`) ?? []
  )
  return sumUp(making, id, parts)
}

/** What a connection gets, of its parts. */
export const sumUp = (
  { window, version }: Pick<Making, 'window' | 'version'>,
  id: string,
  parts: Applied[]
): HandOff => {
  const filtered: Record<string, number> = {}
  for (const [reason, count] of parts.flatMap((one) => Object.entries(one.filtered))) {
    filtered[reason] = (filtered[reason] ?? 0) + count
  }
  return {
    id,
    version,
    since_ms: window.since_ms ?? window.due_ms,
    accepted: parts.reduce((sum, one) => sum + one.accepted, 0),
    filtered,
    deliveries: parts.flatMap((one) => one.deliveries),
  }
}

const convertOne = (making: Making, id: string): Applied | undefined => {
  try {
    return convert(making, id)
  } catch (error) {
    const { head, window, entries, at } = making
    const [parsed] = entries
    const connection = parsed && at(parsed.entry.version)
    if (!parsed || !connection || !covers(window, parsed.entry)) return undefined
    const events = parsed.events.length
    const lane = connection.settings.isQueue ? queueLane : '/weir'
    const text = parsed.entry.text.replaceAll('\n', ' ')
    const unsendable = `The upload could not be converted: ${error instanceof Error ? error.message : ''}`
    const delivery = { id, text, events, mpid: head.mpid, lane, unsendable }
    return { accepted: events, filtered: {}, deliveries: [delivery] }
  }
}

const convert = (making: Making, id: string): HandOff | undefined => {
  const applied = groups(making).map((group, i) => applyGroup(group, making, `${id}-${i}`))
  const handOff = sumUp(making, id, applied)
  return handOff.accepted === 0 && handOff.deliveries.length === 0 ? undefined : handOff
}

interface Group {
  connection: ConnectionAt
  key: string
  alias?: ParsedEntry
  parts: Part[]
}

// Entries merge only when they came in under the same settings and are of the same sort.
const groups = ({ window, entries, at }: Making): Group[] => {
  const made: Group[] = []
  for (const parsed of entries) {
    const { entry } = parsed
    const connection = at(entry.version)
    if (!covers(window, entry) || !connection) continue
    if (parsed.unreadable !== undefined) throw new Error(parsed.unreadable)
    if (entry.kind === 'alias') {
      // Or it would part the batches before and after it.
      if (!connection.settings.send_alias_requests) continue
      const kind = windowKind(connection.settings, { android: false, session: undefined })
      if (kind === window.kind) made.push({ connection, key: 'alias', alias: parsed, parts: [] })
      continue
    }
    const part = partOf(parsed, window, connection.settings)
    if (!part) continue
    const key = `${entry.version} ${entry.edge.channel} ${entry.edge.is_historical ?? false}`
    const last = made.at(-1)
    if (last?.key === key) last.parts.push(part)
    else made.push({ connection, key, parts: [part] })
  }
  return made
}

const partOf = (
  { entry, batch, events, android }: ParsedEntry,
  window: Window,
  settings: ConnectionSettings
): Part | undefined => {
  const isOfWindow = (session: string | undefined): boolean => {
    const kind = windowKind(settings, { android, session })
    return kind === window.kind && (kind !== 'session' || session === window.session)
  }
  const own = events.filter(({ event }) => isOfWindow(sessionOf(event)))
  const isOwn = events.length > 0 ? own.length > 0 : isOfWindow(undefined)
  if (!isOwn) return undefined
  const { received_ms, ids, edge, notifications } = entry
  return { batch, events: own, received_ms, ids, edge, notifications }
}

const applyGroup = (group: Group, making: Making, id: string): Applied => {
  const { head, window, state } = making
  const context: ApplyContext = {
    id,
    mpid: head.mpid,
    input: { id: window.input, app_name: group.connection.app_name },
    identityTimes: Object.fromEntries(
      Object.entries(state.identities).map(([type, { ms }]) => [type, ms])
    ),
  }
  const { settings } = group.connection
  if (group.alias) {
    const { batch, entry } = group.alias
    const deliveries = applyAlias(batch, entry.received_ms, settings, context)
    return { deliveries, accepted: 0, filtered: {} }
  }
  const merged = mergeParts(group.parts, head.mpid)
  if (!merged) return { deliveries: [], accepted: 0, filtered: {} }
  const { firehose } = group.connection
  if (!firehose) return apply(merged, settings, context)
  const { include_historical } = settings
  return applyFirehose(merged, { include_historical, firehose }, context)
}
