import { audienceSource } from '../audiences/rule'
import { type Json, parseJson, stringifyJson } from '../base/json'
import type { Environment } from '../batch'
import { waitBeforeRetry } from '../delivery'
import { type EventMention, mentionedEvents, type Upload, type WindowKind } from './upload'

/** An upload as the profile keeps it until every window that covers it was handed on. */
export interface Entry
  extends Pick<
    Upload,
    'input' | 'version' | 'received_ms' | 'ids' | 'environment' | 'device' | 'edge' | 'text'
  > {
  /** `trigger`: what audiences raised. */
  kind: Upload['kind'] | 'trigger'
  seq: number
  notifications: Json[]
}

/** An entry without its body. */
export type EntryFacts = Omit<Entry, 'text'>

/** A stretch of entries that is handed on together. */
export interface Window {
  id: number
  kind: WindowKind
  input: string
  environment: Environment
  device: string
  session?: string
  /** The first entry it may hold. */
  from: number
  /** The last one, once it has closed. */
  upto?: number
  bytes: number
  due_ms: number
  /** The connections that have not taken it yet, once it was first handed on. */
  todo?: string[]
  /** Failed tries in a row. */
  tries?: number
  /** How many shards each connection had at the first try: later ones must find the same outbox. */
  shards?: Record<string, number>
  /** The earliest time at which a try may have been taken unseen. */
  since_ms?: number
}

/** The small part of a profile that every upload changes. */
export interface Head {
  mpid: string
  /** Random per life of the profile, so that hand-off ids of an earlier life never return. */
  epoch: string
  next_seq: number
  next_window: number
  windows: Window[]
  registered: boolean
  /** Of its links, those that the directory was not told yet. */
  unlinked?: string[]
  last_ms: number
  /** The newest events, newest first: what they were. */
  latest?: (EventMention & { at_ms: number; input: string })[]
  /** When the profile began, ms; not known of those that are older than this field. */
  created_ms?: number
}

// A session whose end never comes is sent this long after its last event.
const sessionPatienceMs = 24 * 3_600_000
// So that what becomes of a window stays far below the 32 MiB that an RPC may carry.
const windowChars = 256 * 1024
// Beyond it, sessions are no longer waited for: whoever names many must not fill the profile.
const patientWindows = 200

/** The head of a profile that has links which the directory does not know. */
export const withUnlinked = (head: Head, hashes: string[]): Head =>
  hashes.length === 0 ? head : { ...head, unlinked: [...(head.unlinked ?? []), ...hashes] }

const latestOf = (head: Head, upload: Upload): Pick<Head, 'latest'> => {
  // What only tells of consent has no text.
  if (upload.text === '' || !upload.latest?.length) return {}
  const { received_ms: at_ms, input } = upload
  const mentioned = upload.latest.toReversed().map((one) => ({ ...one, at_ms, input }))
  return { latest: [...mentioned, ...(head.latest ?? [])].slice(0, mentionedEvents) }
}

type NewWindow = Pick<Window, 'kind' | 'due_ms'> & Partial<Pick<Window, 'session'>>

// An object that died right after it handed a window on must not find it open again, not even by
// a clock that is a little behind.
const closingMs = (windowMs: number): number => Math.min(5000, windowMs / 4)

/**
 * The head after an upload has arrived as entry `head.next_seq`: windows opened, grown or closed.
 *
 * @param now the object's own clock, ms, by which windows are handed on, too
 */
export const arrive = (
  head: Head,
  upload: Upload,
  { now, windowMs }: { now: number; windowMs: number }
): Head => {
  const seq = head.next_seq
  const next: Head = {
    ...head,
    next_seq: seq + 1,
    last_ms: upload.received_ms,
    ...latestOf(head, upload),
    windows: head.windows.map((window) =>
      window.upto === undefined && window.due_ms <= now + closingMs(windowMs)
        ? { ...window, upto: seq - 1 }
        : { ...window }
    ),
  }
  const add = (window: NewWindow): Window => {
    const { input, environment, device } = upload
    const place = { id: next.next_window++, from: seq, bytes: 0 }
    const made = { ...window, ...place, input, environment, device }
    next.windows.push(made)
    return made
  }
  const open = (kind: WindowKind, session?: string): Window | undefined =>
    next.windows.find(
      (window) =>
        window.kind === kind &&
        window.upto === undefined &&
        window.session === session &&
        window.input === upload.input &&
        window.environment === upload.environment &&
        window.device === upload.device
    )
  const grow = (window: Window, isOver: boolean): void => {
    window.bytes += upload.text.length
    if (!isOver && window.bytes < windowChars) return
    window.upto = seq
    window.due_ms = now
  }
  for (const kind of upload.windows) {
    if (kind === 'each') grow(add({ kind, due_ms: now }), true)
    if (kind === 'batch') grow(open(kind) ?? add({ kind, due_ms: now + windowMs }), false)
    if (kind !== 'session') continue
    for (const { id, ended } of upload.sessions) {
      const window = open(kind, id) ?? add({ kind, due_ms: 0, session: id })
      window.due_ms = now + sessionPatienceMs
      grow(window, ended || next.windows.length > patientWindows)
    }
  }
  return next
}

/**
 * The head and entries after triggers were raised: they go at once, in a window of their own.
 *
 * @param triggers JSON texts, oldest first
 */
export const raise = (
  head: Head,
  triggers: string[],
  { now, version }: { now: number; version: number }
): { head: Head; entries: Entry[] } => {
  if (triggers.length === 0) return { head, entries: [] }
  const place = { input: audienceSource, environment: 'production', device: '' } as const
  const entries = triggers.map((text, i): Entry => {
    const seq = head.next_seq + i
    const facts = {
      version,
      received_ms: now,
      ids: '',
      edge: { channel: 'server_to_server' },
    } as const
    return { kind: 'trigger', seq, text, notifications: [], ...place, ...facts }
  })
  const window: Window = {
    ...place,
    kind: 'each',
    id: head.next_window,
    from: head.next_seq,
    upto: head.next_seq + entries.length - 1,
    bytes: triggers.reduce((sum, text) => sum + text.length, 0),
    due_ms: now,
  }
  return {
    head: {
      ...head,
      next_seq: head.next_seq + entries.length,
      next_window: head.next_window + 1,
      windows: [...head.windows, window],
    },
    entries,
  }
}

/** Whether an entry lies in a window; its events may still be another window's. */
export const covers = (window: Window, entry: EntryFacts): boolean =>
  entry.seq >= window.from &&
  entry.seq <= (window.upto ?? Number.POSITIVE_INFINITY) &&
  entry.input === window.input &&
  entry.environment === window.environment &&
  entry.device === window.device

/** The oldest entry that a window still needs; entries before it can go. */
export const oldestNeeded = (head: Head): number =>
  Math.min(head.next_seq, ...head.windows.map((window) => window.from))

export const nextDueMs = (head: Head): number | undefined =>
  head.windows.length > 0 ? Math.min(...head.windows.map((window) => window.due_ms)) : undefined

/** Entries as text: a line of facts with the length of the body that follows. */
export const writeEntry = (entry: Entry): string => {
  const { text, ...facts } = entry
  return `${stringifyJson({ ...facts, length: text.length })}\n${text}\n`
}

/** The entries of stored text, those that are wanted. */
export const readEntries = (
  stored: string,
  isWanted: (facts: EntryFacts) => boolean = () => true
): Entry[] => {
  const entries: Entry[] = []
  for (let at = 0; at < stored.length; ) {
    const lineEnd = stored.indexOf('\n', at)
    // `writeEntry` wrote it in this shape; parseJson keeps the exact numbers of notifications.
    const written = parseJson(stored.slice(at, lineEnd)) as unknown as Entry & { length: number }
    const { length, ...facts } = written
    const text = stored.slice(lineEnd + 1, lineEnd + 1 + length)
    if (isWanted(facts)) entries.push({ ...facts, text })
    at = lineEnd + 1 + length + 1
  }
  return entries
}

const handOnChars = 8 * 1024 * 1024

/**
 * The due windows, closed, oldest first, as many as may be in memory together. A window closes in
 * memory; an upload that comes in while it is handed on stores the closing with itself, so that
 * the window never grows after a try.
 */
export const closeDue = (head: Head, now: number): Window[] => {
  const due = head.windows
    .filter((window) => window.due_ms <= now)
    .sort((a, b) => a.from - b.from || a.id - b.id)
  let chars = 0
  const taken = due.filter((window, i) => {
    chars += window.bytes
    return i === 0 || chars <= handOnChars
  })
  for (const window of taken) window.upto ??= head.next_seq - 1
  return taken
}

/**
 * When each connection may be tried again that has not taken an earlier window, ms: its later
 * windows wait until then, so that the order holds.
 */
export const blockedUntil = (head: Head, now: number): Map<string, number> => {
  const blocked = new Map<string, number>()
  for (const { todo = [], due_ms } of head.windows) {
    if (due_ms <= now) continue
    for (const id of todo) blocked.set(id, Math.max(due_ms, blocked.get(id) ?? 0))
  }
  return blocked
}

interface Settling {
  /** See `blockedUntil`. */
  blocked: Map<string, number>
  /** How many connections answered, of each window, that they do not take it. */
  refusals: Map<Window, number>
  now: number
  random: () => number
}

/**
 * The head after a pass over some of its windows: those that everybody took are gone, the others
 * wait for their next try.
 */
export const settle = (head: Head, windows: Window[], settling: Settling): Head => {
  for (const window of windows) if (window.todo?.length) postpone(window, window.todo, settling)
  const settled = new Map(windows.map((window) => [window.id, window]))
  return {
    ...head,
    windows: head.windows
      .map((window) => settled.get(window.id) ?? window)
      .filter((window) => window.todo === undefined || window.todo.length > 0),
  }
}

const postpone = (
  window: Window,
  todo: string[],
  { blocked, refusals, now, random }: Settling
): void => {
  // Refused by all that are left: no earlier try of it was taken unseen.
  if (refusals.get(window) === todo.length) window.since_ms = now
  // Tries are later from here on, and any of them may repeat the first.
  window.since_ms ??= window.due_ms
  if (todo.every((id) => blocked.has(id))) {
    window.due_ms = Math.max(...todo.map((id) => blocked.get(id) ?? now))
    return
  }
  window.tries = (window.tries ?? 0) + 1
  window.due_ms = now + waitBeforeRetry({ kind: 'retry', reason: '' }, window.tries, random())
}
